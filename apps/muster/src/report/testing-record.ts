/**
 * A run's record for specs: one epoch, two workers, nothing special.
 */
import { notebookTopology, describeModel } from '@muster/model';
import type { LogLine } from './log-lines.js';
import { parseMetrics } from './metrics-lines.js';
import type { RunRecord } from './run-record.js';

/** When the record's run began. Unix time in milliseconds. */
export const BEGIN_MS = Date.UTC(2026, 0, 1);

const SHAPE = { rows: 8, columns: 8, channels: 1, numClasses: 3 };

/** Makes a record; what is given replaces what it would hold. */
export function recordOf(given: Partial<RunRecord> = {}): RunRecord {
  const model = describeModel(notebookTopology(SHAPE));
  return {
    path: '/runs/r1',
    definition: {
      ...{ protocol: 2, runId: 'r1', seed: 1, epochs: 1, wire: 'float32' },
      ...{ globalBatchSize: 8, microBatches: 2 },
      consistency: { name: 'sync' },
      optimizer: { name: 'sgd' },
      schedule: { name: 'constant', learningRate: 0.5 },
      dataset: {
        ...{ name: 'digits', fingerprint: 'd'.repeat(64), ...SHAPE },
        ...{ numTrain: 24, numTest: 9 },
      },
      model: {
        topology: model.topology,
        layout: [...model.layout],
        fingerprint: model.fingerprint,
        numParameters: model.numParameters,
      },
    },
    summary: undefined,
    config: new Map(),
    metrics: parseMetrics(LINES.map((line) => JSON.stringify(line)).join('\n')),
    logs: [
      logLine(0, 'server', 'process-started'),
      logLine(1, 'worker-0', 'process-started'),
      logLine(2, 'server', 'worker-joined', { workerId: 'worker-0' }),
    ],
    checkpoints: [],
    problems: [],
    ...given,
  };
}

/** A line of a log, so many seconds after the beginning. */
export function logLine(
  seconds: number,
  process: string,
  event: string,
  fields: Readonly<Record<string, unknown>> = {},
): LogLine {
  return { atMs: BEGIN_MS + 1000 * seconds, process, event, fields };
}

const LINES = [
  ...[1, 2, 3].map((step) => ({
    ...{ step, atMs: BEGIN_MS + 1000 * (step + 2), epoch: 1 },
    ...{ loss: 1 / step, accuracy: step / 4, learningRate: 0.5 },
    ...{ gradientNorm: 1, imagesPerSecond: 8, workers: 1 },
  })),
  {
    ...{ step: 3, type: 'phases', atMs: BEGIN_MS + 6000 },
    workers: {
      'worker-0': {
        tasks: 6,
        examples: 24,
        phasesMs: { wait: 6, compute: 60 },
      },
    },
  },
  {
    ...{ step: 3, type: 'epoch', epoch: 1, trainLoss: 0.6, trainAccuracy: 0.5 },
    ...{ testLoss: 0.5, testAccuracy: 2 / 3, trainMs: 3000 },
  },
];
