/**
 * The documentation against the code that it is made from. To bring the
 * tables up to date:
 *
 *     UPDATE_DOCS=1 npx vitest run apps/muster/src/settings/readme.spec.ts
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { ERROR_CODES, exitCodeOf } from '@muster/protocol';
import {
  COORDINATOR_METRICS,
  PROCESS_METRICS,
  SHARD_METRICS,
  WORKER_METRICS,
} from '@muster/telemetry';
import type { MetricDefinition } from '@muster/telemetry';
import { CLOSE_CODES } from '@muster/transport';
import { format } from 'prettier';
import { describe, expect, it } from 'vitest';
import { settingsTable } from './settings-table.js';

const UPDATE =
  'UPDATE_DOCS=1 npx vitest run apps/muster/src/settings/readme.spec.ts';

/** The path of a file of the workspace. */
function fileAt(path: string): URL {
  return new URL(`../../../../${path}`, import.meta.url);
}

function textAt(path: string): string {
  return readFileSync(fileAt(path), 'utf8');
}

/**
 * Holds what stands between two markers against what belongs there; with
 * UPDATE_DOCS=1 writes it there first.
 */
function expectGenerated(path: string, name: string, wanted: string): void {
  const [begin, end] = [`<!-- begin ${name} -->`, `<!-- end ${name} -->`];
  const [before = '', rest = '', ...more] = textAt(path).split(begin);
  const [present = '', after = '', ...others] = rest.split(end);
  const markers = { more, others, isPair: rest.includes(end) };
  expect(markers, `${path}: '${begin}' and '${end}', once each`).toEqual({
    more: [],
    others: [],
    isPair: true,
  });
  const block = `\n\n${wanted}\n\n`;
  if (process.env['UPDATE_DOCS'] === '1') {
    writeFileSync(fileAt(path), before + begin + block + end + after);
  } else {
    expect(present, `${path} is out of date, run: ${UPDATE}`).toBe(block);
  }
}

/** The metrics as a table, formatted. */
async function metricsTable(
  metrics: Readonly<Record<string, MetricDefinition>>,
): Promise<string> {
  const rows = Object.values(metrics).map(
    ({ name, type, labels = {}, help }) =>
      [
        `\`${name}\``,
        type,
        Object.entries(labels).map(labelText),
        help,
      ] as const,
  );
  const lines = rows.map(
    ([name, type, labels, help]) =>
      `| ${name} | ${type} | ${labels.join('; ')} | ${help} |`,
  );
  const head = ['| Metric | Type | Labels | Meaning |', '| - | - | - | - |'];
  const table = [...head, ...lines].join('\n');
  return (await format(table, { parser: 'markdown' })).trimEnd();
}

function labelText([label, values]: [string, readonly string[] | 'constant']) {
  return values === 'constant'
    ? `\`${label}\``
    : `\`${label}\`: ${values.join(', ')}`;
}

describe('README.md', () => {
  it('has the table of the settings as they are', () => {
    expectGenerated('README.md', 'settings', settingsTable());
  });
});

describe('docs/metrics.md', () => {
  it.each([
    ['process metrics', PROCESS_METRICS],
    ['server metrics', SHARD_METRICS],
    ['coordinator metrics', COORDINATOR_METRICS],
    ['worker metrics', WORKER_METRICS],
  ])('has the table of the %s as they are', async (name, metrics) => {
    expectGenerated('docs/metrics.md', name, await metricsTable(metrics));
  });
});

describe('docs/errors.md', () => {
  const [, ...sections] = textAt('docs/errors.md').split(/^## /m);
  const byCode = new Map(
    sections.map((section) => {
      const [code = '', ...paragraphs] = section.trim().split('\n\n');
      return [code, paragraphs];
    }),
  );

  it('has every code, in the order of the source', () => {
    expect(sections).toHaveLength(ERROR_CODES.length);
    expect([...byCode.keys()]).toEqual([...ERROR_CODES]);
  });

  it.each(ERROR_CODES)('says of %s what the source says, and more', (code) => {
    const source = textAt('libs/protocol/src/errors.ts');
    const line = source
      .split('\n')
      .find((l) => l.startsWith(` * - \`${code}\``));
    const sentence = line?.replace(/^.*?: /, '') ?? 'no sentence';
    const [means = '', numbers, advice = ''] = byCode.get(code) ?? [];
    expect(means.charAt(0).toLowerCase() + means.slice(1)).toBe(sentence);
    expect(numbers).toBe(
      `Exit code ${exitCodeOf(code)}, close code ${CLOSE_CODES[code]}.`,
    );
    expect(advice.length).toBeGreaterThan(20);
  });
});
