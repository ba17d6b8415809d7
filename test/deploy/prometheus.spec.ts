/**
 * `deploy/prometheus` is what Prometheus accepts, and its rules do what their
 * tests say.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TestContext } from 'vitest';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { NO_PROMTOOL, PROMTOOL } from './promtool.js';
import { skipWithout } from './skip-without.js';

const FOLDER = fileURLToPath(
  new URL('../../deploy/prometheus', import.meta.url),
);

interface Rule {
  readonly alert?: string;
  readonly record?: string;
  readonly expr: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

interface RuleFile {
  readonly groups: readonly { readonly rules: readonly Rule[] }[];
}

interface RuleTests {
  readonly tests: readonly {
    readonly name: string;
    readonly promql_expr_test: readonly {
      readonly expr: string;
      readonly exp_samples?: readonly unknown[];
    }[];
  }[];
}

function read(path: string): unknown {
  return parse(readFileSync(join(FOLDER, path), 'utf8'));
}

function filesOf(folder: string): string[] {
  return readdirSync(join(FOLDER, folder)).map((name) => `${folder}/${name}`);
}

const rules = filesOf('rules').flatMap((path) =>
  (read(path) as RuleFile).groups.flatMap((group) => group.rules),
);
const tests = filesOf('rule-tests').flatMap(
  (path) => (read(path) as RuleTests).tests,
);

/** Runs promtool in the folder of the files; what it says, if it fails. */
async function promtool(
  test: Pick<TestContext, 'skip'>,
  ...args: readonly string[]
): Promise<string> {
  const child = spawn(PROMTOOL, args, { cwd: FOLDER });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (text) => (said += String(text)));
  }
  const [code] = (await once(child, 'close').catch(() => [undefined])) as [
    number | undefined,
  ];
  const isMissing = code === undefined;
  skipWithout(test, isMissing ? NO_PROMTOOL : undefined);
  expect(code, said).toBe(0);
  return said;
}

describe('a configuration', () => {
  it.for(['prometheus.yml', 'containers.yml', 'launch.yml'])(
    '%s is accepted, with its rules',
    async (name, test) => {
      const said = await promtool(test, 'check', 'config', name);
      expect(said).toContain(`${rules.filter((r) => r.alert).length} rules`);
    },
  );

  it('with-token.yml is accepted, though the token is not there', async (test) => {
    const words = ['check', 'config', '--syntax-only', 'with-token.yml'];
    await promtool(test, ...words);
  });
});

describe('the rules', () => {
  it('have no fault', async (test) => {
    await promtool(test, 'check', 'rules', ...filesOf('rules'));
  });

  it('do what their tests say', async (test) => {
    await promtool(test, 'test', 'rules', ...filesOf('rule-tests'));
  });
});

describe.each(rules.filter(({ alert }) => alert !== undefined))(
  '$alert',
  ({ alert = '', labels, annotations }) => {
    it('says how bad it is, what it is, and what to do', () => {
      expect(['critical', 'warning']).toContain(labels?.['severity']);
      const { summary = '', description = '' } = annotations ?? {};
      expect(summary).toMatch(/^\S.{20,120}$/);
      expect(description.length).toBeGreaterThan(80);
    });

    it('has a test in which it fires, and one in which it never does', () => {
      const own = tests.filter(({ name }) => name.startsWith(`${alert} `));
      const numFiring = own.map(
        ({ promql_expr_test: asked }) =>
          asked.filter(
            ({ expr, exp_samples = [] }) =>
              expr.includes(`alertname="${alert}"`) && exp_samples.length > 0,
          ).length,
      );
      expect(numFiring.some((count) => count > 0)).toBe(true);
      expect(numFiring).toContain(0);
    });
  },
);

describe.each(rules.filter(({ record }) => record !== undefined))(
  '$record',
  ({ record }) => {
    it('has a test of its value', () => {
      const asked = tests.flatMap((test) => test.promql_expr_test);
      const own = asked.filter(
        ({ expr, exp_samples: samples = [] }) =>
          expr === record && samples.length > 0,
      );
      expect(own).not.toHaveLength(0);
    });
  },
);
