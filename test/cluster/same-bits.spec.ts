/**
 * The law of the design, with real processes: the trained parameters are the
 * same bits whatever the number of workers and whatever befalls them. Every
 * run is held against an undisturbed one of one worker on the same backend.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { failOnLeftovers, MusterProcess } from './muster-process.js';
import { missingBackend } from './native-library.js';
import { signalTo } from './process-table.js';
import { outcomeOf } from './run-files.js';
import { NUM_TRAIN, EPOCHS, TOTAL_STEPS } from './workbench.js';
import { BACKENDS, LONG_LEASE, SHORT_LEASE, Workbench } from './workbench.js';

failOnLeftovers();

const HALFWAY = Math.floor(TOTAL_STEPS / 2);
const THREE = ['worker-0', 'worker-1', 'worker-2'] as const;

describe.each(BACKENDS)('%s: a run on the small data set', (backend) => {
  let bench: Workbench;
  let undisturbed: ReturnType<typeof outcomeOf>;
  let missing: string | undefined;

  beforeAll(async () => {
    bench = await Workbench.create();
    missing = await missingBackend(backend);
    if (missing !== undefined) return;
    await using run = bench.train({ backend, workers: 1 });
    undisturbed = outcomeOf(await run.summary());
  }, 60_000);
  afterAll(() => bench[Symbol.asyncDispose]());
  beforeEach((test) => test.skip(missing !== undefined, missing));

  it('learns, and applies each example of each epoch once', () => {
    expect(undisturbed).toMatchObject({
      backend,
      reproducible: true,
      steps: TOTAL_STEPS,
      epochs: EPOCHS,
      examplesApplied: NUM_TRAIN * EPOCHS,
    });
    // Guessing gets 1 of 4 classes right.
    expect(undisturbed.testAccuracy).toBeGreaterThan(0.9);
  });

  it.each([2, 3])(
    'ends with the same bits with %i workers',
    async (workers) => {
      await using run = bench.train({ backend, workers });
      expect(outcomeOf(await run.summary())).toEqual(undisturbed);
    },
  );

  it('ends with the same bits when a worker is killed halfway', async () => {
    await using run = bench.train({ backend, workers: 3, slow: true });
    await run.together(THREE);
    await run.reached(HALFWAY);
    await run.signal('SIGKILL', 'worker-1');
    await run.heard('worker-away', 'worker-1');
    expect(outcomeOf(await run.summary())).toEqual(undisturbed);
    expect(run.command.stderr).toContain('worker-1 ended (SIGKILL)');
  });

  it('ends with the same bits when workers are stopped past their lease and go on', async () => {
    const flags = SHORT_LEASE;
    await using run = bench.train({ backend, workers: 3, flags, slow: true });
    await run.reached(5);
    // All of them: the run must not end before the lease does.
    await run.signal('SIGSTOP', ...THREE);
    const log = await (await run.files()).log('server');
    const joined = log.find(({ event }) => event === 'worker-joined');
    const worker = String(joined?.['workerId']);
    const away = await run.heard('worker-away', worker);
    expect(away).toMatchObject({ reason: 'silent' });
    const awakeMs = await run.signal('SIGCONT', ...THREE);
    await run.welcomed(worker, 'server', awakeMs);
    expect(outcomeOf(await run.summary())).toEqual(undisturbed);
  });

  it('ends with the same bits when a fourth worker joins midway', async () => {
    const flags = LONG_LEASE;
    await using run = bench.train({ backend, workers: 3, flags, slow: true });
    await run.together(THREE);
    await run.reached(HALFWAY);
    // The run waits for the three, and does not end before the fourth is in.
    await run.signal('SIGSTOP', ...THREE);
    const { path } = await run.files();
    await using fourth = MusterProcess.start([
      ...['worker', '--server', await run.url(), '--backend', backend],
      ...['--token-file', `${path}/token`, '--data', bench.data],
    ]);
    await fourth.waitFor('four active workers', async () => {
      const metrics = await run.metrics();
      return metrics.includes('muster_workers{state="active"} 4');
    });
    await run.signal('SIGCONT', ...THREE);
    expect(outcomeOf(await run.summary())).toEqual(undisturbed);
    expect(await fourth.exit()).toMatchObject({ code: 0 });
  });

  it('ends with the same bits when stopped by Ctrl-C and resumed with fewer workers', async () => {
    const group = true;
    await using run = bench.train({ backend, workers: 3, group, slow: true });
    await run.reached(5);
    // A terminal sends SIGINT to the whole foreground process group.
    signalTo(-run.command.pid, 'SIGINT');
    const stopped = await run.summary(130);
    expect(stopped).toMatchObject({ outcome: 'drained', reproducible: true });
    expect(stopped.steps).toBeLessThan(TOTAL_STEPS);

    await using rest = bench.resume(stopped.runId, { backend, workers: 1 });
    expect(outcomeOf(await rest.summary())).toEqual(undisturbed);
  });

  it('ends with the same bits when stopped by SIGTERM and resumed with more workers', async () => {
    await using run = bench.train({ backend, workers: 1, slow: true });
    await run.reached(HALFWAY);
    signalTo(run.command.pid, 'SIGTERM');
    const stopped = await run.summary(143);
    expect(stopped).toMatchObject({ outcome: 'drained', reproducible: true });
    expect(stopped.steps).toBeLessThan(TOTAL_STEPS);

    await using rest = bench.resume(stopped.runId, { backend, workers: 2 });
    expect(outcomeOf(await rest.summary())).toEqual(undisturbed);
  });
});
