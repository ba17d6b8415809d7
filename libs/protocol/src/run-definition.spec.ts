import { describe, expect, it } from 'vitest';
import {
  consistencySchema,
  runDefinitionSchema,
  runFingerprint,
  type Consistency,
  type RunDefinition,
} from './run-definition.js';

const HASH = '0123456789abcdef'.repeat(4);

function runWith(consistency: Consistency): RunDefinition {
  return {
    protocol: 2,
    runId: 'run.1',
    seed: 7,
    epochs: 1,
    globalBatchSize: 128,
    microBatches: 8,
    consistency,
    wire: 'float32',
    optimizer: { name: 'sgd' },
    schedule: { name: 'constant', learningRate: 0.1 },
    dataset: {
      name: 'd',
      fingerprint: HASH,
      numTrain: 60_000,
      numTest: 10_000,
      rows: 28,
      columns: 28,
      channels: 1,
      numClasses: 10,
    },
    model: {
      topology: {},
      layout: [{ name: 'w', shape: [2], offset: 0 }],
      fingerprint: HASH,
      numParameters: 2,
    },
  };
}

const nesterov = { name: 'nesterov', learningRate: 0.7, momentum: 0.9 };

/** Each differs from every other in one mode or one bound. */
const MODES = [
  { name: 'sync' },
  { name: 'bounded', staleness: 0, scaling: 'none' },
  { name: 'bounded', staleness: 1, scaling: 'none' },
  { name: 'bounded', staleness: 1, scaling: 'inverse' },
  { name: 'async', maxStaleness: 1, scaling: 'none' },
  { name: 'async', maxStaleness: 1, scaling: 'inverse' },
  { name: 'local', steps: 1, outer: { name: 'average' } },
  { name: 'local', steps: 2, outer: { name: 'average' } },
  { name: 'local', steps: 2, outer: nesterov },
  { name: 'local', steps: 2, outer: { ...nesterov, momentum: 0 } },
].map((mode) => consistencySchema.parse(mode));

describe('the consistency of a run', () => {
  it.each([
    ['the name alone, as version 1 had it', 'sync'],
    ['no such mode', { name: 'eventual' }],
    ['a bound of another mode', { name: 'sync', staleness: 1 }],
    ['no bound', { name: 'bounded', scaling: 'none' }],
    ['a bound below 0', { name: 'bounded', staleness: -1, scaling: 'none' }],
    ['half a bound', { name: 'async', maxStaleness: 0.5, scaling: 'none' }],
    ['no such scaling', { name: 'async', maxStaleness: 1, scaling: 'x' }],
    ['no local step', { name: 'local', steps: 0, outer: { name: 'average' } }],
    ['no outer step', { name: 'local', steps: 2 }],
    [
      'an outer momentum of 1',
      { name: 'local', steps: 2, outer: { ...nesterov, momentum: 1 } },
    ],
  ])('is not %s', (_, consistency) => {
    expect(consistencySchema.safeParse(consistency).success).toBe(false);
  });

  it('is kept as it is, through JSON too', () => {
    for (const mode of MODES) {
      const run: unknown = JSON.parse(JSON.stringify(runWith(mode)));
      expect(runDefinitionSchema.parse(run)).toStrictEqual(runWith(mode));
    }
  });
});

/** A definition from before there was a choice. */
function olderRun(): unknown {
  const { wire, ...older } = runWith({ name: 'sync' });
  expect(wire).toBe('float32');
  return older;
}

describe('the format of pushed slices', () => {
  it('is float32 where a definition does not name it', () => {
    const run = runDefinitionSchema.parse(olderRun());
    expect(run).toStrictEqual(runWith({ name: 'sync' }));
  });

  it.each(['bf16', 'float32'])('may be %s', (wire) => {
    const run = { ...runWith({ name: 'sync' }), wire };
    expect(runDefinitionSchema.parse(run).wire).toBe(wire);
  });

  it.each(['float16', '', null])('is not %j', (wire) => {
    const run = { ...runWith({ name: 'sync' }), wire };
    expect(runDefinitionSchema.safeParse(run).success).toBe(false);
  });
});

describe('runFingerprint', () => {
  it('is what it was before there was a choice of format', () => {
    // as that version gave it: checkpoints hold it
    const before =
      'e91f0f44d29f291b853fb450b6895ff48aa341924759a47356776885dada0a69';
    expect(runFingerprint(olderRun() as RunDefinition)).toBe(before);
    expect(runFingerprint(runWith({ name: 'sync' }))).toBe(before);
  });

  it('tells the formats of pushed slices apart', () => {
    const run = runWith({ name: 'sync' });
    expect(runFingerprint({ ...run, wire: 'bf16' })).not.toBe(
      runFingerprint(run),
    );
  });

  it('tells every mode and every bound from the others', () => {
    const prints = MODES.map((mode) => runFingerprint(runWith(mode)));
    expect(new Set(prints).size).toBe(MODES.length);
  });

  it('does not depend on the order of keys, inside the mode either', () => {
    for (const mode of MODES) {
      const reversed = (value: object): object =>
        Object.fromEntries(Object.entries(value).reverse());
      const turned = reversed(runWith(reversed(mode) as Consistency));
      expect(Object.keys(turned)[0]).toBe('model');
      expect(runFingerprint(turned as RunDefinition)).toBe(
        runFingerprint(runWith(mode)),
      );
    }
  });
});
