/**
 * Several parameter servers, with and without standbys: each owns a part of
 * the parameters, and nothing of that shows in the result.
 */
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { failOnLeftovers } from './muster-process.js';
import { expectPlainError } from './plain-error.js';
import { signalTo } from './process-table.js';
import { outcomeOf } from './run-files.js';
import { TOTAL_STEPS, Workbench } from './workbench.js';
import type { TrainOptions } from './workbench.js';

failOnLeftovers();

let bench: Workbench;
let undisturbed: ReturnType<typeof outcomeOf>;

beforeAll(async () => {
  bench = await Workbench.create();
  await using run = bench.train();
  undisturbed = outcomeOf(await run.summary());
}, 120_000);
afterAll(() => bench[Symbol.asyncDispose]());

/** Stops a run by a signal in its second epoch; gives its folder. */
async function stop(
  signal: 'SIGINT' | 'SIGTERM',
  options: TrainOptions,
): Promise<string> {
  await using run = bench.train({ ...options, group: true, slow: true });
  await run.reached(18);
  // A terminal sends SIGINT to the whole foreground process group.
  const { pid } = run.command;
  signalTo(signal === 'SIGINT' ? -pid : pid, signal);
  const stopped = await run.summary(signal === 'SIGINT' ? 130 : 143);
  expect(stopped).toMatchObject({ outcome: 'drained', reproducible: true });
  expect(stopped.steps).toBeLessThan(TOTAL_STEPS);
  expect(await run.command.processes()).toEqual([]);
  return (await run.files()).path;
}

describe('a run on several servers', () => {
  it.each([
    { workers: 1, servers: 2 },
    { workers: 1, servers: 3 },
    { workers: 2, servers: 2 },
    { workers: 2, servers: 3 },
    { workers: 3, servers: 2 },
    { workers: 3, servers: 3 },
    { workers: 2, servers: 1, standby: 1 },
    { workers: 2, servers: 2, standby: 1 },
  ] as const)('ends with the same bits with %o', async (cluster) => {
    await using run = bench.train(cluster);
    const summary = await run.summary();
    expect(outcomeOf(summary)).toEqual(undisturbed);
    const { workers, servers } = cluster;
    const standbys = 'standby' in cluster ? servers : 0;
    const figures = { workers, servers, standbys, restarts: 0 };
    expect(summary).toMatchObject({ ...figures, examplesLost: 0 });
  });

  it('keeps the slice of each server by itself', async () => {
    await using run = bench.train({ servers: 3, epochs: 1 });
    await run.summary();
    const files = await run.files();
    for (const shard of [0, 1, 2]) {
      const names = await files.checkpoints(shard, 3);
      expect(names.at(-1)).toMatch(/^step-00000015/);
      const log = await files.log(`server-${shard}`);
      expect(log.at(-1)).toMatchObject({ event: 'ended', server: shard });
    }
  });

  it('names the most servers that there can be', async () => {
    await using run = bench.train({ servers: 33 });
    expectPlainError(await run.exit(), {
      exitCode: 2,
      code: 'ERR_CONFIG',
      message: /--servers: expected a whole number from 1 to 32, got '33'/,
    });
  });
});

describe('a run that was stopped', () => {
  it.each([
    { from: 3, to: [1, 2] },
    { from: 1, to: [3] },
    { from: 2, to: [3] },
  ])(
    'on $from servers goes on with $to, to the same bits',
    async ({ from, to }) => {
      const stopped = await stop('SIGTERM', { servers: from, workers: 2 });
      for (const servers of to) {
        const folder = join(bench.out, `from-${from}-to-${servers}`);
        await cp(stopped, folder, { recursive: true });
        await using rest = bench.resume(folder, { servers, workers: 2 });
        expect(outcomeOf(await rest.summary())).toEqual(undisturbed);
      }
    },
  );

  it('by Ctrl-C, standbys too, leaves nobody and can go on', async () => {
    const cluster = { servers: 2, workers: 2, standby: 1 } as const;
    const stopped = await stop('SIGINT', cluster);
    await using rest = bench.resume(stopped, cluster);
    expect(outcomeOf(await rest.summary())).toEqual(undisturbed);
  });
});
