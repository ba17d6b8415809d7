/**
 * The law of the design: in synchronous mode the parameters are the same bits
 * whatever the number of workers and whatever befalls them.
 */
import { describe, expect, it } from 'vitest';
import { SimulatedCluster } from './simulated-cluster.js';
import type { Fault } from './simulated-cluster.js';
import { sequentialReference, tinyRun } from './tiny-run.js';

const run = tinyRun(7);
const reference = Buffer.from(sequentialReference(run).buffer).toString('hex');

function hexOf(parameters: Float32Array): string {
  return Buffer.from(parameters.buffer).toString('hex');
}

describe('a simulated cluster', () => {
  it.each([1, 2, 3, 4, 7])(
    'ends with the bits of one process with %i workers',
    (numWorkers) => {
      const result = new SimulatedCluster(run, numWorkers).run(numWorkers, []);
      expect(result.end).toEqual({ outcome: 'finished' });
      expect(hexOf(result.parameters)).toBe(reference);
    },
  );

  it('applies each example of each epoch once', () => {
    const { ledger } = new SimulatedCluster(run, 1).run(3, []);
    // 71 examples an epoch, 2 epochs
    expect(ledger.examplesApplied).toBe(142);
    // each of 1,200 test examples once; chunks of 500, 500 and 200 each
    // lack one correct: (1200 - 3) / 1200
    expect(ledger.history.map(({ testAccuracy }) => testAccuracy)).toEqual([
      1197 / 1200,
      1197 / 1200,
    ]);
  });

  it('adds losses to the same number whatever the number of workers', () => {
    const losses = [1, 2, 5].map((numWorkers) =>
      new SimulatedCluster(run, 3)
        .run(numWorkers, [])
        .ledger.history.map(({ trainLoss }) => trainLoss),
    );
    expect(losses[1]).toEqual(losses[0]);
    expect(losses[2]).toEqual(losses[0]);
  });

  const faults: Fault[] = [
    'kill',
    'pause',
    'cut',
    'half-open',
    'join',
    'leave',
  ];
  it.each(faults)('ends with the same bits after every kind of %s', (fault) => {
    for (let seed = 0; seed < 20; seed++) {
      const result = new SimulatedCluster(run, seed).run(3, [fault, fault]);
      expect(result.end, `seed ${seed}`).toEqual({ outcome: 'finished' });
      expect(hexOf(result.parameters), `seed ${seed}`).toBe(reference);
      expect(result.ledger.examplesApplied).toBe(142);
    }
  });

  it('ends with the same bits after any mixture of faults, 200 seeds', () => {
    for (let seed = 1000; seed < 1200; seed++) {
      const mixture = Array.from(
        { length: 8 },
        (_, i) => faults[(seed * 7 + i * i * 3) % faults.length] ?? 'kill',
      );
      const result = new SimulatedCluster(run, seed).run(
        1 + (seed % 4),
        mixture,
      );
      expect(result.end, `seed ${seed}`).toEqual({ outcome: 'finished' });
      expect(hexOf(result.parameters), `seed ${seed}`).toBe(reference);
    }
  });

  it('loses little to a worker that is 20 times slower than two others', () => {
    const long = { ...tinyRun(7), epochs: 40 };
    const bits = Buffer.from(sequentialReference(long).buffer).toString('hex');
    const withSlow = new SimulatedCluster(long, 3, { slowdown: 20 }).run(3, []);
    const without = new SimulatedCluster(long, 3).run(2, []);
    expect(hexOf(withSlow.parameters)).toBe(bits);
    // the step rate is at least 85 % of what the other two alone give
    expect(without.virtualMs / withSlow.virtualMs).toBeGreaterThan(0.85);
    const backups = withSlow.reports.filter(
      ({ type }) => type === 'backup-given',
    );
    expect(backups.length).toBeGreaterThan(0);
  });

  it('waits for the slow worker when nobody gets copies', () => {
    const options = { slowdown: 20, stragglerFactor: 0 };
    const run3 = new SimulatedCluster(run, 3, options).run(3, []);
    expect(run3.end).toEqual({ outcome: 'finished' });
    expect(hexOf(run3.parameters)).toBe(reference);
    const backups = run3.reports.filter(({ type }) => type === 'backup-given');
    expect(backups).toEqual([]);
  });

  it('sends a worker away whose gradients are not finite', () => {
    const result = new SimulatedCluster(run, 5).run(2, ['nan']);
    expect(result.end).toEqual({ outcome: 'finished' });
    expect(hexOf(result.parameters)).toBe(reference);
    const away = result.reports.filter(
      (report) =>
        report.type === 'worker-away' && report.reason === 'quarantined',
    );
    expect(away).toHaveLength(1);
    expect(result.ledger.pushes.refused).toBe(3);
  });

  it('fails and names the remedy when every worker computes NaN', () => {
    const cluster = new SimulatedCluster(run, 5, { diverges: true });
    const { end, ledger } = cluster.run(2, []);
    expect(end).toMatchObject({
      outcome: 'failed',
      code: 'ERR_NON_FINITE_GRADIENT',
    });
    expect(end).toHaveProperty(
      'message',
      expect.stringContaining('lower --learning-rate, now 0.01'),
    );
    expect(ledger.examplesApplied).toBe(0);
  });
});
