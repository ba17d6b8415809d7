/**
 * Standbys: whoever is lost, its standby goes on within a second from what it
 * has in memory, a server that was only asleep finds itself replaced, and the
 * bits are those of an undisturbed run.
 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually } from './eventually.js';
import { failOnLeftovers } from './muster-process.js';
import { outcomeOf, timeOf } from './run-files.js';
import type { Line } from './run-files.js';
import { expectEachStepOnce } from './told-steps.js';
import type { Training } from './training.js';
import { SHORT_LEASE, Workbench } from './workbench.js';

failOnLeftovers();

const CLUSTER = {
  ...({ servers: 2, standby: 1, workers: 2, epochs: 5 } as const),
  slow: true,
};
/** The step at which something happens. */
const SOME_STEP = 12;
/** That of `SHORT_LEASE`. */
const LEASE_MS = 1000;
/** From the moment that a loss is known. Milliseconds. */
const TAKE_OVER_MS = 1000;
const WORKERS = ['worker-0', 'worker-1'] as const;

let bench: Workbench;
let undisturbed: ReturnType<typeof outcomeOf>;

beforeAll(async () => {
  bench = await Workbench.create();
  await using run = bench.train({ epochs: CLUSTER.epochs });
  undisturbed = outcomeOf(await run.summary());
}, 120_000);
afterAll(() => bench[Symbol.asyncDispose]());

it.each([1, 2])(
  'takes over when the coordinator of %i servers is killed',
  async (servers) => {
    await using run = bench.train({ ...CLUSTER, servers });
    await followed(run, 'standby-0');
    await run.reached(SOME_STEP);
    const atMs = await run.signal('SIGKILL', 'server-0');
    const tookOver = await run.event('standby-0', 'took-over', {}, atMs);
    const resumed = await run.event('standby-0', 'training-resumed', {}, atMs);
    expectTakeOver(tookOver, resumed);
    // Who was lost is started again, and has another part now.
    await run.event('server-0', 'process-started', { role: 'standby' }, atMs);
    const summary = await run.summary();
    expect(outcomeOf(summary)).toEqual(undisturbed);
    // Nobody but the one that was killed.
    expect(summary.restarts).toBe(1);
    expect(run.command.stderr).toContain('standby-0 has taken over\n');
    await expectEachStepOnce(await run.files(), undisturbed.steps, 1);
  },
);

it('takes over when another server is killed', async () => {
  await using run = bench.train(CLUSTER);
  await followed(run, 'standby-1');
  await run.reached(SOME_STEP);
  const atMs = await run.signal('SIGKILL', 'server-1');
  const of = { shard: 1 };
  const lost = await run.event('server-0', 'server-lost', of, atMs);
  await run.event('server-0', 'promoting', of, atMs);
  await run.event('standby-1', 'took-over', of, atMs);
  const resumed = await run.event('server-0', 'training-resumed', {}, atMs);
  expectTakeOver(lost, resumed);
  await run.event('server-1', 'process-started', { role: 'standby' }, atMs);
  const summary = await run.summary();
  expect(outcomeOf(summary)).toEqual(undisturbed);
  expect(summary.restarts).toBe(1);
  await expectEachStepOnce(await run.files(), undisturbed.steps, 1);
});

it('replaces a coordinator that sleeps, which is its standby afterwards', async () => {
  await using run = bench.train({ ...CLUSTER, flags: SHORT_LEASE });
  await followed(run, 'standby-0');
  await run.reached(SOME_STEP);
  const atMs = await run.signal('SIGSTOP', 'server-0');
  const tookOver = await run.event('standby-0', 'took-over', {}, atMs);
  const resumed = await run.event('standby-0', 'training-resumed', {}, atMs);
  expectTakeOver(tookOver, resumed);

  // The run must not end before the old one is back.
  await run.signal('SIGSTOP', ...WORKERS);
  const awakeMs = await run.signal('SIGCONT', 'server-0');
  await run.event('server-0', 'ended', { outcome: 'replaced' }, awakeMs);
  await run.event('server-0', 'process-started', { role: 'standby' }, awakeMs);
  await run.event('server-0', 'following', {}, awakeMs);
  expect(run.command.stderr).toContain('server-0 ended (exit code 3), started');
  await run.signal('SIGCONT', ...WORKERS);
  await run.reached(Number(resumed['step']) + 5);

  const killedMs = await run.signal('SIGKILL', 'standby-0');
  const again = await run.event('server-0', 'took-over', {}, killedMs);
  const goesOn = await run.event('server-0', 'training-resumed', {}, killedMs);
  expectTakeOver(again, goesOn);
  const summary = await run.summary();
  expect(outcomeOf(summary)).toEqual(undisturbed);
  expect(summary.restarts).toBe(2);
  await expectEachStepOnce(await run.files(), undisturbed.steps, 2, 'any');
});

it.each(['standby-0', 'standby-1'])(
  'does not take over when it was %s itself that slept',
  async (standby) => {
    await using run = bench.train({ ...CLUSTER, flags: SHORT_LEASE });
    await followed(run, standby);
    await run.reached(SOME_STEP);
    const asleepMs = await run.signal('SIGSTOP', standby);
    // Nobody waits for it longer than a lease; its primary has forgotten it
    // then. The workers stop before, or the run could end meanwhile.
    await run.reached(SOME_STEP + 20);
    await run.signal('SIGSTOP', ...WORKERS);
    const isForgotten = () => Date.now() - asleepMs > 2 * LEASE_MS;
    await eventually('the end of its lease', isForgotten);
    const awakeMs = await run.signal('SIGCONT', standby);
    await run.event(standby, 'following', {}, awakeMs);
    await run.signal('SIGCONT', ...WORKERS);
    expect(outcomeOf(await run.summary())).toEqual(undisturbed);
    const log = await (await run.files()).log(standby);
    expect(log.map(({ event }) => event)).not.toContain('took-over');
  },
);

/**
 * Waits until a standby follows. The workers begin then: whoever starts first
 * on this machine, the run must not end before.
 */
async function followed(run: Training, standby: string): Promise<void> {
  await run.signal('SIGSTOP', ...WORKERS);
  await run.event(standby, 'following');
  await run.signal('SIGCONT', ...WORKERS);
}

/** Within a second, and from memory: one step is done again at most. */
function expectTakeOver(detected: Line, resumed: Line): void {
  expect(timeOf(resumed) - timeOf(detected)).toBeLessThan(TAKE_OVER_MS);
  const again = Number(resumed['from']) - Number(resumed['step']);
  expect(again).toBeGreaterThanOrEqual(0);
  expect(again).toBeLessThanOrEqual(1);
}
