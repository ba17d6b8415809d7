/**
 * Losing servers and workers: each is started again or welcome back, training
 * goes on from what all servers have, and the bits are those of an
 * undisturbed run.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from './eventually.js';
import { failOnLeftovers } from './muster-process.js';
import { expectPlainError } from './plain-error.js';
import { outcomeOf, versionOf } from './run-files.js';
import type { RunFiles } from './run-files.js';
import { expectEachStepOnce } from './told-steps.js';
import type { Training } from './training.js';
import { LONG_LEASE, SHORT_LEASE, Workbench } from './workbench.js';
import { STEPS_PER_EPOCH } from './workbench.js';

failOnLeftovers();

const CLUSTER = { servers: 2, workers: 2, epochs: 5, slow: true } as const;
const EVERY_5 = ['--checkpoint-every', '5'];
/** The step at which something happens. */
const SOME_STEP = 12;
const SERVERS = ['server-0', 'server-1'] as const;
const WORKERS = ['worker-0', 'worker-1'] as const;

let bench: Workbench;
let undisturbed: ReturnType<typeof outcomeOf>;

beforeAll(async () => {
  bench = await Workbench.create();
  await using run = bench.train({ epochs: CLUSTER.epochs });
  undisturbed = outcomeOf(await run.summary());
}, 120_000);
afterAll(() => bench[Symbol.asyncDispose]());

/** Waits until training goes on; between which versions it went back. */
async function resumed(run: Training, sinceMs: number) {
  const event = 'training-resumed';
  const line = await run.event('server-0', event, {}, sinceMs);
  return { version: Number(line['step']), from: Number(line['from']) };
}

describe('a run of which processes are killed', () => {
  it.each([
    [['server-1']],
    [['server-0']],
    [SERVERS],
    [[...SERVERS, ...WORKERS]],
  ])('ends with the same bits after %j', async (killed) => {
    await using run = bench.train({ ...CLUSTER, flags: EVERY_5 });
    await run.reached(SOME_STEP);
    const killedAtMs = await run.signal('SIGKILL', ...killed);
    const { version, from } = await resumed(run, killedAtMs);
    expect(version).toBeLessThanOrEqual(from);
    const summary = await run.summary();
    expect(outcomeOf(summary)).toEqual(undisturbed);
    expect(summary.restarts).toBe(killed.length);
    for (const name of killed) {
      expect(run.command.stderr).toContain(`${name} ended (SIGKILL), started`);
    }
    await expectEachStepOnce(await run.files(), undisturbed.steps);
  });

  it('goes back to the newest checkpoint that both servers have', async () => {
    const flags = ['--checkpoint-every', '0', ...LONG_LEASE];
    await using run = bench.train({ ...CLUSTER, flags });
    await run.reached(2 * STEPS_PER_EPOCH + 1);
    // Who does not compute makes no newer checkpoint.
    await run.signal('SIGSTOP', ...WORKERS);
    const files = await run.files();
    const newest = await newestOfBoth(run, files);
    const folder = files.checkpointsOf(1, 2);
    await flipBit(join(folder, newest, 'shard-0000.safetensors'));
    const killedAtMs = await run.signal('SIGKILL', 'server-1');
    const { version } = await resumed(run, killedAtMs);
    expect(version).toBe(versionOf(newest) - STEPS_PER_EPOCH);
    await run.signal('SIGCONT', ...WORKERS);
    expect(outcomeOf(await run.summary())).toEqual(undisturbed);
    expect(run.command.stderr).toContain(
      `checkpoint ${join(folder, newest)} is damaged (`,
    );
    await expectEachStepOnce(files, undisturbed.steps);
  });

  it('ends with an error after more restarts than --max-restarts', async () => {
    const flags = [...EVERY_5, '--max-restarts', '1'];
    await using run = bench.train({ ...CLUSTER, flags });
    await run.reached(SOME_STEP);
    await resumed(run, await run.signal('SIGKILL', 'server-1'));
    await run.signal('SIGKILL', 'server-0');
    const { path } = await run.files();
    expectPlainError(await run.exit(), {
      exitCode: 1,
      code: 'ERR_PROCESS_FAILED',
      message: new RegExp(
        `server-0 ended \\(SIGKILL\\).*after 1 restarts.*\\(--max-restarts\\), the first because server-1 ended \\(SIGKILL\\).*${path}.*--resume`,
      ),
    });
  });
});

describe('a run of which processes are stopped', () => {
  it('goes on with a server that slept longer than its lease, and loses no step', async () => {
    await using run = bench.train({ ...CLUSTER, flags: SHORT_LEASE });
    await run.reached(SOME_STEP);
    const stoppedAtMs = await run.signal('SIGSTOP', 'server-1');
    await run.event('server-0', 'server-lost', { shard: 1 }, stoppedAtMs);
    const awakeAtMs = await run.signal('SIGCONT', 'server-1');
    const { version, from } = await resumed(run, awakeAtMs);
    // What is in its memory is one step behind at most.
    expect(from - version).toBeLessThanOrEqual(1);
    const summary = await run.summary();
    expect(outcomeOf(summary)).toEqual(undisturbed);
    expect(summary.restarts).toBe(0);
    await expectEachStepOnce(await run.files(), undisturbed.steps, 1);
  });

  it('welcomes a worker back that slept longer than its lease', async () => {
    await using run = bench.train({ ...CLUSTER, flags: SHORT_LEASE });
    await run.reached(SOME_STEP);
    // Both: the run must not end before the lease does.
    await run.signal('SIGSTOP', ...WORKERS);
    const away = await run.heard('worker-away', 'worker-1', 'server-0');
    expect(away).toMatchObject({ reason: 'silent' });
    const awakeMs = await run.signal('SIGCONT', ...WORKERS);
    await run.welcomed('worker-1', 'server-0', awakeMs);
    expect(outcomeOf(await run.summary())).toEqual(undisturbed);
  });

  it('lets a worker go that is told to stop', async () => {
    await using run = bench.train(CLUSTER);
    await run.together(WORKERS, 'server-0');
    await run.reached(SOME_STEP);
    await run.signal('SIGTERM', 'worker-1');
    const away = await run.heard('worker-away', 'worker-1', 'server-0');
    expect(away).toMatchObject({ reason: 'left' });
    await run.event('worker-1', 'stopped', { outcome: 'drained' });
    const summary = await run.summary();
    expect(outcomeOf(summary)).toEqual(undisturbed);
    // It has ended with exit code 0: nobody starts it again or warns.
    expect(summary.restarts).toBe(0);
    expect(run.command.stderr).not.toContain('worker-1 ended');
  });
});

/** Waits for the checkpoint of the last whole epoch of two servers. */
async function newestOfBoth(run: Training, files: RunFiles): Promise<string> {
  return eventually('checkpoints of the last whole epoch', async () => {
    const metrics = await run.metrics();
    const step = Number(/^muster_step (\d+)$/m.exec(metrics)?.[1]);
    const newest = step - (step % STEPS_PER_EPOCH);
    const both = await Promise.all([
      files.checkpoints(0, 2),
      files.checkpoints(1, 2),
    ]);
    const last = both.map((names) => names.at(-1) ?? '');
    return last.every((name) => versionOf(name) === newest) && last[1];
  });
}

/** Changes one bit in the middle of a file. */
async function flipBit(file: string): Promise<void> {
  const bytes = await readFile(file);
  bytes[bytes.length >> 1]! ^= 1;
  await writeFile(file, bytes);
}
