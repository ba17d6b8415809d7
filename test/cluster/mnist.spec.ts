/**
 * The law once on the real thing: one epoch of MNIST with the native library
 * gives the same bits for 1, 2 and 3 workers, for 2 servers, with a standby,
 * when a worker is killed halfway, and when the run is stopped and resumed.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { failOnLeftovers } from './muster-process.js';
import { missingBackend } from './native-library.js';
import { signalTo } from './process-table.js';
import { outcomeOf } from './run-files.js';
import { Workbench } from './workbench.js';

failOnLeftovers();

const TIMEOUT_MS = 600_000;
/** 60,000 examples in steps of 256, the last one short. */
const TOTAL_STEPS = Math.ceil(60_000 / 256);
const HALFWAY = Math.floor(TOTAL_STEPS / 2);

let bench: Workbench;
let undisturbed: ReturnType<typeof outcomeOf>;
let missing: string | undefined;

/** Starts what the README shows, on the default data. */
function train(workers: number, ...flags: readonly string[]) {
  const words = ['train', '--epochs', '1', '--seed', '7'];
  const cluster = ['--workers', String(workers), '--backend', 'tensorflow'];
  return bench.start([...words, ...cluster, ...flags]);
}

describe('one epoch of MNIST', { timeout: TIMEOUT_MS }, () => {
  beforeAll(async () => {
    bench = await Workbench.create();
    missing = await missingBackend('tensorflow');
    if (missing !== undefined) return;
    await using run = train(1);
    undisturbed = outcomeOf(await run.summary(0, TIMEOUT_MS));
  }, TIMEOUT_MS);
  afterAll(() => bench[Symbol.asyncDispose]());
  beforeEach((test) => test.skip(missing !== undefined, missing));

  it('learns most digits', () => {
    expect(undisturbed).toMatchObject({
      steps: TOTAL_STEPS,
      examplesApplied: 60_000,
      reproducible: true,
    });
    expect(undisturbed.testAccuracy).toBeGreaterThan(0.95);
  });

  it.each([2, 3])(
    'ends with the same bits with %i workers',
    async (workers) => {
      await using run = train(workers);
      const summary = await run.summary(0, TIMEOUT_MS);
      expect(outcomeOf(summary)).toEqual(undisturbed);
    },
  );

  it.each([
    ['--servers', '2'],
    ['--standby', '1'],
  ])('ends with the same bits with 2 workers and %s %s', async (...flags) => {
    await using run = train(2, ...flags);
    const summary = await run.summary(0, TIMEOUT_MS);
    expect(outcomeOf(summary)).toEqual(undisturbed);
  });

  it('ends with the same bits when one of three workers is killed halfway', async () => {
    await using run = train(3);
    await run.reached(HALFWAY, TIMEOUT_MS);
    await run.signal('SIGKILL', 'worker-1');
    const summary = await run.summary(0, TIMEOUT_MS);
    expect(outcomeOf(summary)).toEqual(undisturbed);
    expect(run.command.stderr).toContain('worker-1 ended (SIGKILL)');
  });

  it('ends with the same bits when it is stopped and resumed', async () => {
    await using run = train(2);
    await run.reached(HALFWAY, TIMEOUT_MS);
    signalTo(run.command.pid, 'SIGINT');
    const { runId, steps } = await run.summary(130, TIMEOUT_MS);
    expect(steps).toBeLessThan(TOTAL_STEPS);
    await using rest = bench.start(['train', '--resume', runId]);
    const summary = await rest.summary(0, TIMEOUT_MS);
    expect(outcomeOf(summary)).toEqual(undisturbed);
  });
});
