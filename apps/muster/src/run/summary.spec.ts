import type { RunDefinition, RunResult } from '@muster/protocol';
import { expect, it } from 'vitest';
import { summaryOf } from './summary.js';

it('summaryOf puts the cluster beside what the run came to', () => {
  const consistency = { name: 'async', maxStaleness: 100, scaling: 'none' };
  const run = { runId: 'r1', seed: 3, consistency } as RunDefinition;
  const result: RunResult = {
    ...{ steps: 9, reproducible: false },
    ...{ examplesApplied: 72, examplesDuplicate: 8, examplesLost: 0 },
    staleness: [5, 3, 1],
    ...{ backend: 'wasm', numerics: 'cd', history: [] },
    ...{ trainSeconds: 1.23456, imagesPerSecond: 58.3211 },
  };
  const cluster = {
    ...{ workers: 4, servers: 3, standbys: 0, restarts: 2 },
    ...{ parametersSha256: 'ab', wallSeconds: 2.00049 },
  };
  expect(summaryOf(run, 'finished', result, cluster)).toEqual({
    ...{ runId: 'r1', outcome: 'finished' },
    ...{ testAccuracy: null, testLoss: null },
    ...{ parametersSha256: 'ab', reproducible: false, steps: 9, epochs: 0 },
    ...{ examplesApplied: 72, examplesDuplicate: 8, examplesLost: 0 },
    staleness: [5, 3, 1],
    ...{ imagesPerSecond: 58.321, trainSeconds: 1.235, wallSeconds: 2 },
    ...{ workers: 4, servers: 3, standbys: 0, restarts: 2 },
    ...{ consistency: 'async', seed: 3, backend: 'wasm', numerics: 'cd' },
    history: [],
  });
});
