/**
 * What a seed means: the run, the size of the cluster, the network, and the
 * faults. Everything else is drawn from the seed while it runs.
 */
import type { Consistency, RunDefinition } from '@muster/protocol';
import { drawFaults } from './faults.js';
import type { Fault } from './faults.js';
import type { NetworkSpeed } from './network.js';
import { SeededRandom } from './seeded-random.js';
import { tinyRun } from './tiny-run.js';

/** Consistency modes. */
export type Mode = Consistency['name'];

/** A cluster and what befalls it. */
export interface Scenario {
  readonly seed: number;
  readonly run: RunDefinition;
  readonly numServers: number;
  readonly numStandbys: 0 | 1;
  readonly numWorkers: number;
  readonly network: NetworkSpeed;
  readonly leaseMs: number;
  readonly heartbeatMs: number;
  readonly checkpointEverySteps: number;
  readonly stragglerFactor: number;
  readonly faults: readonly Fault[];
}

const MODES: readonly Mode[] = [
  'sync',
  'sync',
  'sync',
  'local',
  'bounded',
  'async',
];

const RUNS: Readonly<Record<Mode, readonly RunDefinition[]>> = {
  sync: [
    tinyRun({ optimizer: { name: 'adam', ...adam() } }),
    tinyRun({ optimizer: { name: 'momentum', momentum: 0.9 } }),
    tinyRun({ epochs: 5, optimizer: { name: 'sgd' } }),
  ],
  local: [
    tinyRun({
      epochs: 4,
      consistency: { name: 'local', steps: 3, outer: { name: 'average' } },
    }),
    tinyRun({
      epochs: 4,
      consistency: {
        ...{ name: 'local', steps: 2 },
        outer: { name: 'nesterov', learningRate: 0.7, momentum: 0.9 },
      },
    }),
  ],
  bounded: [0, 1, 4].map((staleness) =>
    tinyRun({ consistency: { name: 'bounded', staleness, scaling: 'none' } }),
  ),
  async: [
    tinyRun({
      consistency: { name: 'async', maxStaleness: 100, scaling: 'none' },
    }),
    tinyRun({
      consistency: { name: 'async', maxStaleness: 3, scaling: 'inverse' },
    }),
  ],
};

/** Share of the seeds whose slices are pushed in 16 bits. */
const BF16_SHARE = 0.25;

/** Span in which faults begin. Milliseconds. */
const FAULTS_WITHIN_MS = 30_000;

/** Gives what a seed means. */
export function scenarioOf(seed: number, mode?: Mode): Scenario {
  const random = new SeededRandom(seed, 1);
  const drawn = random.pick(MODES);
  const chosen = mode ?? drawn;
  // a stream of its own: the rest of the seed stays what it is
  const isBf16 = new SeededRandom(seed, 10).chance(BF16_SHARE);
  const wire = isBf16 ? 'bf16' : 'float32';
  const run = { ...random.pick(RUNS[chosen]), wire } as const;
  const numFaults = random.chance(0.1) ? 0 : 1 + random.below(9);
  return {
    seed,
    run,
    numServers: random.pick([1, 1, 2, 2, 3, 4]),
    numStandbys: random.chance(0.5) ? 1 : 0,
    numWorkers: random.pick([1, 2, 2, 3, 3, 4, 5]),
    network: {
      latencyMs: random.pick([4, 40, 120]),
      bytesPerMs: random.pick([20, 200, 10_000]),
    },
    leaseMs: 4000,
    heartbeatMs: 1000,
    checkpointEverySteps: random.pick([0, 1, 2, 3, 3, 5]),
    stragglerFactor: random.pick([0, 1, 2]),
    faults: drawFaults(new SeededRandom(seed, 2), numFaults, FAULTS_WITHIN_MS),
  };
}

function adam() {
  return { beta1: 0.9, beta2: 0.999, epsilon: 1e-7 };
}
