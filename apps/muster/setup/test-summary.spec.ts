// The count that `npm test` ends with: nothing that went wrong may be missing.
import { describe, expect, it } from 'vitest';
import {
  type Module,
  type Summary,
  concludeSummary,
  summarize,
  summaryText,
} from './test-summary.mjs';

interface ModuleSketch {
  readonly tests?: readonly (readonly [string, string, string?])[];
  readonly errors?: readonly string[];
  readonly suiteErrors?: readonly string[];
}

function moduleOf({
  tests = [],
  errors = [],
  suiteErrors = [],
}: ModuleSketch): Module {
  const thrown = (messages: readonly string[]) => () =>
    messages.map((message) => ({ message }));
  return {
    moduleId: '/root/a.spec.ts',
    relativeModuleId: 'a.spec.ts',
    errors: thrown(errors),
    children: {
      allTests: () =>
        tests.map(([fullName, state, note]) => ({
          fullName,
          result: () => ({ state, note }),
        })),
      allSuites: () => [{ fullName: 'suite', errors: thrown(suiteErrors) }],
    },
  };
}

function lastLine(text: string): string | undefined {
  return text.trimEnd().split('\n').at(-1);
}

function counted(
  modules: Module[],
  unhandled: { message?: string }[] = [],
): Summary {
  // As it goes through the file between reporter and `npm test`.
  const written: unknown = JSON.parse(
    JSON.stringify(summarize(modules, unhandled)),
  );
  return concludeSummary(written, '');
}

describe('a run', () => {
  it('ends with passed and failed alone when nothing was skipped', () => {
    const summary = counted([
      moduleOf({
        tests: [
          ['one', 'passed'],
          ['two', 'passed'],
        ],
      }),
      moduleOf({ tests: [['three', 'failed']] }),
    ]);
    expect(summaryText(summary)).toBe('2 passed, 1 failed\n');
  });

  it('names each skipped test with its reason before the count', () => {
    const tests = [
      ['one', 'passed'],
      ['two', 'skipped', 'no Docker here'],
      ['three', 'skipped'],
    ] as const;
    const summary = counted([moduleOf({ tests })]);
    expect(summaryText(summary)).toBe(
      'skipped: a.spec.ts > two (no Docker here)\n' +
        'skipped: a.spec.ts > three (no reason given)\n' +
        '1 passed, 0 failed, 2 skipped\n',
    );
    expect(summaryText(summary, true)).toBe('1 passed, 0 failed, 2 skipped\n');
  });

  it.each<[string, Module[], { message?: string }[], string]>([
    [
      'a file that does not load',
      [moduleOf({ errors: ['no such module\nat x'] })],
      [],
      'failed: a.spec.ts: no such module',
    ],
    [
      'a hook that fails',
      [moduleOf({ suiteErrors: ['no port'] })],
      [],
      'failed: a.spec.ts > suite: no port',
    ],
    [
      'an error outside any test',
      [],
      [{ message: 'late' }],
      'failed: error outside any test: late',
    ],
    [
      'a test that was not finished',
      [moduleOf({ tests: [['slow', 'pending']] })],
      [],
      'failed: a.spec.ts > slow: was not finished',
    ],
  ])('counts %s as failed', (_, modules, unhandled, line) => {
    const passed = moduleOf({ tests: [['one', 'passed']] });
    const text = summaryText(counted([passed, ...modules], unhandled));
    expect(text).toBe(`${line}\n1 passed, 1 failed\n`);
  });

  it('fails when no test ran', () => {
    expect(lastLine(summaryText(counted([])))).toBe('0 passed, 1 failed');
    const skippedOnly = counted([moduleOf({ tests: [['a', 'skipped']] })]);
    expect(lastLine(summaryText(skippedOnly))).toBe(
      '0 passed, 1 failed, 1 skipped',
    );
  });
});

describe('concludeSummary', () => {
  const good: Summary = { passed: 3, failed: 0, skipped: [], problems: [] };

  it('fails when the counts never came', () => {
    const summary = concludeSummary(undefined, 'SIGKILL');
    expect(summary.failed).toBe(1);
    expect(summary.problems[0]).toContain('SIGKILL');
  });

  it('fails when the run failed for no test of its own', () => {
    const summary = concludeSummary({ ...good, problems: [] }, 'exit code 1');
    expect(summary).toMatchObject({ passed: 3, failed: 1 });
  });

  it('adds nothing to a failure that was counted', () => {
    const summary = concludeSummary({ ...good, failed: 2 }, 'exit code 1');
    expect(summary).toMatchObject({ passed: 3, failed: 2, problems: [] });
  });
});
