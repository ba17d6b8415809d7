/**
 * The modes beside `sync`: each example counts once, whatever befalls the
 * cluster; the order of arrival can be replayed to the same bits, and rounds
 * of local steps have one result.
 */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { failOnLeftovers, muster } from './muster-process.js';
import { expectPlainError } from './plain-error.js';
import { signalTo } from './process-table.js';
import { outcomeOf } from './run-files.js';
import type { Summary } from './run-files.js';
import { EPOCHS, NUM_TRAIN, TOTAL_STEPS, Workbench } from './workbench.js';

failOnLeftovers();

/** A contribution a leaf, 4 leaves a step. */
const CONTRIBUTIONS = 4 * TOTAL_STEPS;
const STALENESS = 3;
const WORKERS = ['worker-0', 'worker-1', 'worker-2'] as const;
const EVERY_4 = ['--checkpoint-every', '4'];
const FLAGS = {
  bounded: ['--consistency', 'bounded', '--staleness', `${STALENESS}`],
  async: ['--consistency', 'async', '--max-staleness', `${STALENESS}`],
};

let bench: Workbench;
beforeAll(async () => {
  bench = await Workbench.create();
});
afterAll(() => bench[Symbol.asyncDispose]());

/** Holds a run to its account: each example once, none too stale. */
function expectExact(summary: Summary): void {
  expect(summary).toMatchObject({
    steps: CONTRIBUTIONS,
    epochs: EPOCHS,
    examplesApplied: NUM_TRAIN * EPOCHS,
    examplesLost: 0,
  });
  expect(summary.staleness.length).toBeLessThanOrEqual(STALENESS + 1);
  const counted = summary.staleness.reduce((sum, n) => sum + n, 0);
  expect(counted).toBe(CONTRIBUTIONS);
}

/** Replays a run by the words at its end, and expects the bits of the run. */
async function expectReplay({ runId, parametersSha256 }: Summary) {
  const words = ['replay', join(bench.out, runId), '--json'];
  const { code, stdout, stderr } = await muster(words);
  expect(code, stderr).toBe(0);
  expect(JSON.parse(stdout)).toEqual({
    version: CONTRIBUTIONS,
    parametersSha256,
    expectedSha256: parametersSha256,
    isSame: true,
  });
}

describe('a run that applies gradients as they arrive', () => {
  it.each([
    { mode: 'bounded', servers: 1, workers: 3, server: 'server' },
    { mode: 'bounded', servers: 2, workers: 1, server: 'server-0' },
    { mode: 'async', servers: 2, workers: 3, server: 'server-1' },
    { mode: 'async', servers: 1, workers: 1, server: 'server' },
  ] as const)(
    'applies each example once through kills, and can be replayed: $mode, $servers servers, $workers workers',
    async ({ mode, servers, workers, server }) => {
      const flags = [...FLAGS[mode], ...EVERY_4];
      await using run = bench.train({ servers, workers, flags, slow: true });
      const coordinator = servers === 1 ? 'server' : 'server-0';
      const [workerId = '', ...others] = WORKERS.slice(0, workers);
      await run.together([workerId, ...others], coordinator);
      await run.reached(20);
      const goneMs = await run.signal('SIGKILL', workerId);
      // The run must not end before it is back.
      await run.signal('SIGSTOP', ...others);
      await run.event(coordinator, 'worker-away', { workerId }, goneMs);
      await run.event(coordinator, 'worker-joined', { workerId }, goneMs);
      await run.signal('SIGCONT', ...others);
      const lostMs = await run.signal('SIGKILL', server);
      const event = 'training-resumed';
      const resumed = await run.event(coordinator, event, {}, lostMs);
      expect(resumed['step']).toBeLessThanOrEqual(Number(resumed['from']));
      const summary = await run.summary();
      expectExact(summary);
      expect(summary.restarts).toBe(2);
      await expectReplay(summary);
    },
  );

  it.each([
    { mode: 'bounded', from: 2, to: 1 },
    { mode: 'async', from: 1, to: 2 },
  ] as const)(
    'goes on with another number of servers, and can be replayed: $mode, from $from to $to',
    async ({ mode, from, to }) => {
      const flags = [...FLAGS[mode], ...EVERY_4];
      const cluster = { servers: from, workers: 2, flags };
      await using run = bench.train({ ...cluster, slow: true });
      await run.reached(70);
      signalTo(run.command.pid, 'SIGTERM');
      const { runId, steps } = await run.summary(143);
      expect(steps).toBeLessThan(CONTRIBUTIONS);
      await using rest = bench.resume(runId, { servers: to, workers: 1 });
      const summary = await rest.summary();
      expectExact(summary);
      await expectReplay(summary);
    },
  );

  it.each(['bounded', 'async'] as const)(
    'has no standbys: %s',
    async (mode) => {
      await using run = bench.train({ flags: FLAGS[mode], standby: 1 });
      expectPlainError(await run.exit(), {
        exitCode: 2,
        code: 'ERR_CONFIG',
        message:
          /--standby: expected 0 with --consistency \w+ \(a standby needs sync or local\), got '1'/,
      });
    },
  );
});

describe('a run of --consistency local', () => {
  const flags = ['--consistency', 'local', '--local-steps', '2', ...EVERY_4];
  let undisturbed: ReturnType<typeof outcomeOf>;

  beforeAll(async () => {
    await using run = bench.train({ flags });
    undisturbed = outcomeOf(await run.summary());
  }, 120_000);

  it('applies each example of each epoch once', () => {
    expect(undisturbed).toMatchObject({
      epochs: EPOCHS,
      // 15 steps an epoch: 7 rounds of two, and one of the last
      steps: 8 * EPOCHS,
      examplesApplied: NUM_TRAIN * EPOCHS,
      reproducible: true,
    });
  });

  it.each([
    { workers: 2, servers: 1 },
    { workers: 3, servers: 1 },
    { workers: 1, servers: 2 },
    { workers: 3, servers: 2 },
    { workers: 2, servers: 2, standby: 1 },
  ] as const)('ends with the same bits with %o', async (cluster) => {
    await using run = bench.train({ ...cluster, flags });
    expect(outcomeOf(await run.summary())).toEqual(undisturbed);
  });

  it('ends with the same bits when a worker and a server are killed', async () => {
    const cluster = { servers: 2, workers: 2, flags };
    await using run = bench.train({ ...cluster, slow: true });
    await run.reached(6);
    const killedAtMs = await run.signal('SIGKILL', 'worker-1', 'server-1');
    await run.event('server-0', 'training-resumed', {}, killedAtMs);
    const summary = await run.summary();
    expect(outcomeOf(summary)).toEqual(undisturbed);
    expect(summary.restarts).toBe(2);
  });
});
