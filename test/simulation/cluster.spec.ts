/**
 * The laws of the design on quiet days, one by one: the cluster does not show
 * in the result.
 */
import { Plan } from '@muster/cluster';
import { describe, expect, it } from 'vitest';
import type { Fault, FaultKind } from './faults.js';
import { drawFaults, parseFault, describeFault } from './faults.js';
import { scenarioOf } from './scenario.js';
import type { Mode, Scenario } from './scenario.js';
import { SeededRandom } from './seeded-random.js';
import { replayCommand, shrink } from './shrink.js';
import { SimulatedCluster } from './simulated-cluster.js';
import type { Sabotage } from './sabotage.js';
import { tinyRun } from './tiny-run.js';

function scenario(options: Partial<Scenario> = {}): Scenario {
  return {
    ...scenarioOf(1, 'sync'),
    ...{ numServers: 1, numStandbys: 0, numWorkers: 2, faults: [] },
    network: { latencyMs: 20, bytesPerMs: 200 },
    ...{ checkpointEverySteps: 3, stragglerFactor: 2 },
    run: tinyRun(),
    ...options,
  };
}

function simulate(options: Partial<Scenario> = {}, sabotage?: Sabotage) {
  const cluster = new SimulatedCluster(scenario(options), undefined, sabotage);
  const result = cluster.run();
  expect(result.violation).toBeUndefined();
  return result;
}

const MODES: readonly Mode[] = ['sync', 'local', 'bounded', 'async'];

const sizes = [1, 2, 3, 4].flatMap((numServers) =>
  ([0, 1] as const).flatMap((numStandbys) =>
    [1, 2, 3, 7].map((numWorkers) => ({ numServers, numStandbys, numWorkers })),
  ),
);

describe('a quiet cluster', () => {
  it.each(sizes)('has the bits and losses of one process: %o', (size) => {
    // the oracles compare the bits; the losses are added in one order too
    const alone = simulate({ numServers: 1, numWorkers: 1 });
    const result = simulate(size);
    const lossesOf = ({ ledger }: typeof result) =>
      ledger?.history.map(({ trainLoss, testLoss }) => [trainLoss, testLoss]);
    expect(lossesOf(result)).toEqual(lossesOf(alone));
    expect(result.end).toEqual({ outcome: 'finished' });
  });

  it.each(MODES)(
    'has the bits of one process when slices are pushed in 16 bits: mode %s',
    (mode) => {
      const { run: exact } = scenarioOf(5, mode);
      const run = { ...exact, wire: 'bf16' } as const;
      const numStandbys = mode === 'sync' || mode === 'local' ? 1 : 0;
      for (const numServers of [1, 3]) {
        for (const numWorkers of [1, 4]) {
          const size = { numServers, numStandbys, numWorkers } as const;
          const { end } = simulate({ run, ...size });
          expect(end).toEqual({ outcome: 'finished' });
        }
      }
    },
  );

  it.each(MODES)(
    'applies each example of each epoch once in mode %s',
    (mode) => {
      const { run } = scenarioOf(5, mode);
      const { ledger } = simulate({ run, numServers: 3, numWorkers: 4 });
      // 71 examples an epoch
      expect(ledger?.examplesApplied).toBe(71 * run.epochs);
      expect(ledger?.examplesLost).toBe(0);
    },
  );

  it('counts pushes so that they add up', () => {
    const faults = drawFaults(new SeededRandom(3, 2), 0, 1);
    const { ledger, reports } = simulate({ numServers: 2, faults });
    const pushed = reports.filter(({ type }) => type === 'pushed');
    const { pushes } = ledger ?? {};
    const total = Object.values(pushes ?? {}).reduce((sum, n) => sum + n, 0);
    expect(total).toBe(pushed.length);
    // 12 versions, of which each is reported once
    const applied = reports.filter(({ type }) => type === 'step-applied');
    expect(applied).toHaveLength(new Plan(tinyRun()).totalVersions);
  });

  it.each(MODES)('makes the mistakes of one process in mode %s', (mode) => {
    const { run } = scenarioOf(5, mode);
    const { reports } = simulate({ run, numServers: 2, numWorkers: 3 });
    const numMistakes = reports.flatMap((report) =>
      report.type === 'evaluated' ? report.mistakes : [],
    ).length;
    // the oracle compares them: there must be some
    expect(numMistakes).toBeGreaterThan(0);
  });

  it('reports one evaluation an epoch, at its end', () => {
    const { reports } = simulate({ numServers: 2, numWorkers: 3 });
    const versions = reports.flatMap((report) =>
      report.type === 'evaluated' ? [report.result.version] : [],
    );
    // 4 steps an epoch, 3 epochs
    expect(versions).toEqual([4, 8, 12]);
  });
});

function fault(kind: FaultKind, atMs: number, target = 0): Fault {
  return { kind, atMs, target, forMs: 400 };
}

describe('a cluster with one fault', () => {
  it('goes on with a standby from what is in memory', () => {
    const { reports } = simulate({
      ...{ numServers: 2, numStandbys: 1 },
      // processes in order: server-0, standby-0, server-1, standby-1
      faults: [fault('kill-server', 1500, 2)],
    });
    expect(reports).toContainEqual({ type: 'took-over', shard: 1 });
    const resumed = reports.filter(({ type }) => type === 'training-resumed');
    // at the start, and once after the loss, without going back
    expect(resumed).toHaveLength(2);
    const [, after] = resumed;
    expect(
      after?.type === 'training-resumed' && after.from - after.version,
    ).toBeLessThanOrEqual(1);
  });

  it('goes back to a checkpoint that all have without a standby', () => {
    const { reports, ledger } = simulate({
      ...{ numServers: 3, checkpointEverySteps: 2 },
      faults: [fault('kill-server', 2500, 1)],
    });
    const [, after] = reports.filter(({ type }) => type === 'training-resumed');
    expect(after).toMatchObject({ type: 'training-resumed' });
    expect(ledger?.examplesApplied).toBe(71 * 3);
  });

  it('sends a worker away whose gradients are not finite', () => {
    const { ledger, reports } = simulate({
      faults: [fault('nan-worker', 600, 0)],
    });
    const away = reports.filter(
      (report) =>
        report.type === 'worker-away' && report.reason === 'quarantined',
    );
    expect(away).toHaveLength(1);
    // three refusals in a row are enough
    expect(ledger?.pushes.refused).toBe(3);
  });

  it('loses little to a worker that is slow', () => {
    const run = tinyRun({ epochs: 20 });
    const slow = { ...fault('slow-worker', 1, 0), target: 4 };
    const withSlow = simulate({ run, numWorkers: 3, faults: [slow] });
    const without = simulate({ run, numWorkers: 2 });
    // the step rate is at least 80 % of what the other two alone give
    expect(without.virtualMs / withSlow.virtualMs).toBeGreaterThan(0.8);
    const backups = withSlow.reports.filter(
      ({ type }) => type === 'backup-given',
    );
    expect(backups.length).toBeGreaterThan(0);
  });

  it('gives no copies when it was told so', () => {
    const slow = { ...fault('slow-worker', 1, 0), target: 4 };
    const { reports } = simulate({ stragglerFactor: 0, faults: [slow] });
    expect(reports.filter(({ type }) => type === 'backup-given')).toEqual([]);
  });

  it('labels a run in which numerics differ', () => {
    const { ledger } = simulate({ faults: [fault('other-numerics', 300)] });
    expect(ledger?.reproducible).toBe(false);
  });

  it('fails and names the remedy when every worker computes NaN', () => {
    const diverges: Sabotage = {
      gradient: (result) => ({
        ...result,
        gradient: result.gradient.map(() => NaN),
      }),
    };
    const cluster = new SimulatedCluster(scenario(), undefined, diverges);
    expect(cluster.run().end).toMatchObject({
      outcome: 'failed',
      code: 'ERR_NON_FINITE_GRADIENT',
      message: expect.stringContaining(
        'lower --learning-rate, now 0.01',
      ) as string,
    });
  });
});

describe('the simulation itself', () => {
  it('comes to the same again with the same seed', () => {
    for (const seed of [3, 4, 5]) {
      const run = () => {
        const lines: string[] = [];
        new SimulatedCluster(scenarioOf(seed), (atMs, who, what) =>
          lines.push(`${atMs} ${who} ${what}`),
        ).run();
        return lines;
      };
      expect(run()).toEqual(run());
    }
  });

  it('writes a fault so that it can be read again', () => {
    const faults = drawFaults(new SeededRandom(8, 2), 30, 9000);
    expect(faults.map(describeFault).map(parseFault)).toEqual(faults);
    expect(() => parseFault('earthquake@1:2:3')).toThrow('is no fault');
  });

  it('cuts a list of faults down to what makes it fail', () => {
    const faults = drawFaults(new SeededRandom(8, 2), 12, 9000);
    const [, , guilty, , , accomplice] = faults;
    const isFailing = ({ faults: list }: Scenario) =>
      list.includes(guilty!) && list.includes(accomplice!);
    const smallest = shrink(scenario({ faults }), isFailing);
    expect(smallest.faults).toEqual([guilty, accomplice]);
    expect(replayCommand(smallest)).toContain(describeFault(guilty!));
  });
});
