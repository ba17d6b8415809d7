import { describe, expect, it } from 'vitest';
import type { Summary } from '../run/summary.js';
import { bitsTexts, compareDocument } from './compare-document.js';
import { compareRuns } from './compare-runs.js';
import { recordOf } from './testing-record.js';
import { toHtml } from './to-html.js';

const { definition } = recordOf();
const summary = (letter: string, workers: number) =>
  ({
    ...{ outcome: 'finished', workers, servers: 1, steps: 3, trainSeconds: 2 },
    ...{ parametersSha256: letter.repeat(64), imagesPerSecond: 12 },
  }) as Summary;

const records = [
  recordOf({ summary: summary('a', 1) }),
  recordOf({ summary: summary('a', 3) }),
  recordOf({
    definition: { ...definition, runId: 'r2', seed: 9 },
    summary: summary('b', 1),
  }),
];
const comparison = compareRuns(records);
const rowOf = (rows: typeof comparison.figures, wanted: string) =>
  rows.find(({ name }) => name === wanted);

describe('compareRuns', () => {
  it('calls each run by a name of its own', () => {
    expect(comparison.names).toEqual(['r1', 'r1 (2)', 'r2']);
  });

  it('has the figures side by side', () => {
    expect(rowOf(comparison.figures, 'test accuracy')).toEqual({
      name: 'test accuracy',
      values: ['66.67 %', '66.67 %', '66.67 %'],
      differs: false,
    });
    expect(rowOf(comparison.figures, 'SHA-256')?.differs).toBe(true);
  });

  it('has the settings that differ first, and no others marked', () => {
    const differing = comparison.settings.filter(({ differs }) => differs);
    expect(differing).toEqual([
      { name: 'seed', values: ['1', '1', '9'], differs: true },
      { name: 'workers', values: ['1', '3', '1'], differs: true },
    ]);
    expect(comparison.settings.slice(0, 2)).toEqual(differing);
  });

  it('says which came to the same bits', () => {
    const sha256 = 'a'.repeat(64);
    expect(comparison.sameBits).toEqual([{ sha256, names: ['r1', 'r1 (2)'] }]);
    expect(bitsTexts(comparison)).toEqual([
      `The same parameters, bit for bit: r1, r1 (2) (SHA-256 ${sha256}).`,
    ]);
    const [first, , third] = records;
    expect(bitsTexts(compareRuns([first!, third!]))).toEqual([
      'No two of them have the same parameters.',
    ]);
  });

  it('takes a run that has only begun', () => {
    const begun = recordOf({
      metrics: { ...records[0]!.metrics, steps: [], epochs: [] },
    });
    const { figures } = compareRuns([records[0]!, begun]);
    expect(rowOf(figures, 'test accuracy')?.values).toEqual(['66.67 %', '']);
    const page = toHtml(
      compareDocument([begun, begun], comparison, new Date(0)),
    );
    expect(page).not.toMatch(/NaN|undefined|Infinity/);
  });
});

describe('compareDocument', () => {
  it('tells steps in epochs where they are not the same', () => {
    // 24 images are 3 steps of 8, or 2 of 12
    const other = { ...definition, runId: 'r3', globalBatchSize: 12 };
    const both = [records[0]!, recordOf({ definition: other })];
    const document = compareDocument(both, compareRuns(both), new Date(0));
    const page = toHtml(document);
    expect(page).toContain('loss by epoch, as their steps differ in size');
    expect(page).toContain('>epoch</text>');
  });

  it('names settings in words', () => {
    const config = new Map([
      ['checkpointEvery', { text: '9', from: 'config.yaml' }],
    ] as const);
    const { settings } = compareRuns([recordOf({ config }), records[0]!]);
    expect(rowOf(settings, 'checkpoint every')?.values).toEqual(['9', '']);
    expect(rowOf(settings, 'schedule learning rate')).toBeDefined();
  });

  it('draws a curve a run and marks what differs', () => {
    const page = toHtml(compareDocument(records, comparison, new Date(0)));
    // the first has the bits of the second, whose curve lies on its own
    for (const name of ['under c0', 'line c1', 'line c2']) {
      expect(page.match(new RegExp(`<path class="${name}"`, 'g'))).toHaveLength(
        2,
      );
    }
    expect(page).toContain('loss by step');
    expect(page.match(/<tr class="marked">/g)).toHaveLength(2);
    expect(page).not.toMatch(/NaN|undefined|Infinity/);
  });
});
