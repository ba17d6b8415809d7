import { describe, expect, it } from 'vitest';
import { WORD_BYTES } from './cluster-shape.js';
import type { ClusterShape } from './cluster-shape.js';
import { FREE } from './costs.js';
import type { Costs } from './costs.js';
import { simulate } from './simulate.js';
import type { SimulationOptions } from './simulate.js';

/** Nothing costs anything but a leaf: 10 ms. */
const ONLY_COMPUTE: Costs = {
  ...{ firstLeafMs: [10], nextLeafMs: [10] },
  ...{ pushSend: FREE, pushReceive: FREE },
  ...{ parametersEncode: FREE, parametersSend: FREE, parametersReceive: FREE },
  ...{ wordSend: FREE, wordReceive: FREE },
  ...{ check: FREE, add: FREE, apply: FREE },
  ...{ round: FREE, toHalf: FREE, fromHalf: FREE },
  ...{ accountMs: 0, restOfTask: FREE, restOfPush: FREE },
  ...{ restOfCrowdedPush: FREE },
};
const BYTES = 2_400_000;
const SHAPE: ClusterShape = {
  ...{ numWorkers: 1, numServers: 1, leavesPerStep: 1, numSteps: 5 },
  ...{ parameterBytes: BYTES, isHalfPush: false },
};
const CLUSTERS = [1, 2, 3, 7].flatMap((numWorkers) =>
  [1, 2, 5].map((numServers) => ({ numWorkers, numServers })),
);

function run(
  shape: Partial<ClusterShape>,
  costs: Partial<Costs> = {},
  more: Partial<SimulationOptions> = {},
) {
  const { numWorkers = 1 } = shape;
  return simulate({
    shape: { ...SHAPE, leavesPerStep: numWorkers, ...shape },
    costs: { ...ONLY_COMPUTE, ...costs },
    network: { bytesPerMs: Infinity, latencyMs: 0 },
    ...{ chunkBytes: 65_536, seed: 1 },
    ...more,
  });
}

const network = (bytesPerMs: number, latencyMs = 0) => ({
  network: { bytesPerMs, latencyMs },
});

describe('a cluster where only computing costs', () => {
  it.each(CLUSTERS)('takes what a task takes: %o', (cluster) => {
    const { stepMs, bottleneck, burdens } = run({
      ...cluster,
      leavesPerStep: 4 * cluster.numWorkers,
    });
    expect(stepMs).toBeCloseTo(40, 9);
    expect(bottleneck).toBe('compute');
    expect(burdens).toMatchObject({ compute: 40, straggler: 0 });
  });

  it('gives the leaf that is left to whoever is done first', () => {
    const { stepMs } = run({ numWorkers: 3, leavesPerStep: 4 });
    expect(stepMs).toBeCloseTo(20, 9);
  });

  it('waits for the slowest', () => {
    // of 64 workers at least one has drawn 30, but for a chance of 2^-64
    const { stepMs, burdens, bottleneck } = run(
      { numWorkers: 64 },
      { firstLeafMs: [10, 30] },
    );
    expect(stepMs).toBeCloseTo(30, 9);
    expect(burdens.compute + burdens.straggler).toBeCloseTo(30, 9);
    expect(bottleneck).toBe('compute');
  });
});

describe('a cluster on a slow network', () => {
  const bytesPerMs = 100_000;

  it('takes two times M / B with one worker and one server', () => {
    // beside M each way: two headers, and the answer and the task, one after
    // the other on the way back; the latency once there and once back
    const { stepMs, bottleneck } = run({}, {}, network(bytesPerMs, 0.5));
    const wireMs = (2 * BYTES + 4 * WORD_BYTES) / bytesPerMs;
    expect(stepMs).toBeCloseTo(10 + wireMs + 2 * 0.5, 6);
    expect(bottleneck).toBe('server NIC');
  });

  it.each([2, 4, 16])(
    'takes two times N M / B with %i workers',
    (numWorkers) => {
      const { stepMs } = run({ numWorkers }, {}, network(bytesPerMs));
      const wireMs = (2 * numWorkers * BYTES) / bytesPerMs;
      expect(stepMs / (10 + wireMs)).toBeGreaterThan(0.98);
      expect(stepMs / (10 + wireMs)).toBeLessThan(1.005);
    },
  );

  it.each([2, 4, 16])('takes two times M / B with %i of each', (count) => {
    const cluster = { numWorkers: count, numServers: count };
    const { stepMs } = run(cluster, {}, network(bytesPerMs));
    const wireMs = (2 * BYTES) / bytesPerMs;
    expect(stepMs / (10 + wireMs)).toBeGreaterThan(0.98);
    // a slice of one chunk and a bit takes turns coarsely
    expect(stepMs / (10 + wireMs)).toBeLessThan(1.2);
  });

  it.each(CLUSTERS)('sends what the protocol says: %o', (cluster) => {
    const { numWorkers: n, numServers: k } = cluster;
    const { bytesPerStep } = run(cluster, {}, network(bytesPerMs));
    // push and parameters, their headers and an answer; a word to the
    // coordinator from all servers but itself; a task for each worker
    const words = 3 * n * k + n * (k - 1) + n;
    expect(bytesPerStep).toBeCloseTo(2 * n * BYTES + words * WORD_BYTES, 3);
  });

  it('sends half of the gradients with half the bytes', () => {
    const whole = run({ numWorkers: 3 }, {}, network(bytesPerMs));
    const half = run(
      { numWorkers: 3, isHalfPush: true },
      {},
      network(bytesPerMs),
    );
    const saved = whole.bytesPerStep - half.bytesPerStep;
    expect(saved).toBeCloseTo((3 * BYTES) / 2, 3);
    const wireMs = (1.5 * 3 * BYTES) / bytesPerMs;
    expect(half.stepMs / (10 + wireMs)).toBeCloseTo(1, 1);
  });
});

describe('a server that has to work', () => {
  const perPush = { fixedMs: 2, msPerByte: 0 };

  it('takes the pushes of a step one after the other', () => {
    const { stepMs, bottleneck } = run({ numWorkers: 8 }, { check: perPush });
    expect(stepMs).toBeCloseTo(10 + 8 * 2, 9);
    expect(bottleneck).toBe('server CPU');
  });

  it('adds one less than there are pushes, and applies once', () => {
    const costs = { add: perPush, apply: { fixedMs: 5, msPerByte: 0 } };
    const { busyMs } = run({ numWorkers: 8 }, costs);
    expect(busyMs.server).toBeCloseTo(7 * 2 + 5, 9);
  });

  it('shares what goes by bytes with the other servers', () => {
    const byBytes = { fixedMs: 0, msPerByte: 8 / BYTES };
    const costs = { check: byBytes, parametersEncode: byBytes };
    const { stepMs } = run({ numWorkers: 4, numServers: 4 }, costs);
    expect(stepMs).toBeCloseTo(10 + 4 * 2 + 2, 9);
  });

  it('hears of each push on each server where it coordinates', () => {
    const cluster = { numWorkers: 4, numServers: 3 };
    const { busyMs } = run(cluster, { accountMs: 0.5 });
    expect(busyMs.server).toBeCloseTo(4 * 3 * 0.5, 9);
  });
});

describe('one machine', () => {
  it('shares its cores among all processes', () => {
    const sharedCores = { numCores: 2, pairSpeed: 1, numBusyElsewhere: 0 };
    const { stepMs } = run({ numWorkers: 3 }, {}, { sharedCores });
    expect(stepMs).toBeCloseTo(15, 9);
  });
});

describe('any cluster', () => {
  const costs: Partial<Costs> = {
    ...{
      firstLeafMs: [9, 10, 11, 14],
      check: { fixedMs: 0.1, msPerByte: 1e-7 },
    },
    ...{ pushReceive: { fixedMs: 0.1, msPerByte: 4e-7 }, accountMs: 0.02 },
  };

  it.each(CLUSTERS)('is as fast as its parts at most: %o', (cluster) => {
    const { numWorkers, numServers } = cluster;
    for (const bytesPerMs of [1e5, 1e6, 1e7]) {
      const { stepMs, burdens } = run(cluster, costs, network(bytesPerMs));
      const least = [
        9 + (2 * BYTES) / bytesPerMs,
        9 + (numWorkers * BYTES) / numServers / bytesPerMs,
        burdens['server CPU'],
      ];
      expect(stepMs).toBeGreaterThanOrEqual(Math.max(...least));
    }
  });

  it('gives the same result for the same seed, another for another', () => {
    const cluster = { numWorkers: 7, numServers: 2 };
    const of = (seed: number) => run(cluster, costs, { ...network(1e6), seed });
    expect(of(3)).toEqual(of(3));
    expect(of(3).stepMs).not.toBe(of(4).stepMs);
  });
});
