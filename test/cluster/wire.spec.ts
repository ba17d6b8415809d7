/**
 * Sums that are pushed in 16 bits: they are rounded at every node of the
 * tree, whoever adds there, so nothing of the cluster shows in the result.
 */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { failOnLeftovers, muster } from './muster-process.js';
import { signalTo } from './process-table.js';
import { outcomeOf } from './run-files.js';
import { EPOCHS, NUM_TRAIN, TOTAL_STEPS, Workbench } from './workbench.js';

failOnLeftovers();

const flags = ['--wire', 'bf16'];

let bench: Workbench;
let undisturbed: ReturnType<typeof outcomeOf>;

beforeAll(async () => {
  bench = await Workbench.create();
  await using run = bench.train({ flags });
  undisturbed = outcomeOf(await run.summary());
}, 120_000);
afterAll(() => bench[Symbol.asyncDispose]());

describe('a run of --wire bf16', () => {
  it('learns, to other bits than one of float32', async () => {
    expect(undisturbed).toMatchObject({
      reproducible: true,
      steps: TOTAL_STEPS,
      examplesApplied: NUM_TRAIN * EPOCHS,
    });
    // Guessing gets 1 of 4 classes right.
    expect(undisturbed.testAccuracy).toBeGreaterThan(0.9);
    await using exact = bench.train();
    const { parametersSha256 } = await exact.summary();
    expect(parametersSha256).not.toBe(undisturbed.parametersSha256);
  });

  it.each([
    { workers: 3, servers: 1 },
    { workers: 1, servers: 2 },
    { workers: 3, servers: 2 },
    { workers: 2, servers: 1, standby: 1 },
  ] as const)('ends with the same bits with %o', async (cluster) => {
    await using run = bench.train({ ...cluster, flags });
    expect(outcomeOf(await run.summary())).toEqual(undisturbed);
  });

  it('ends with the same bits when stopped and resumed elsewhere', async () => {
    await using run = bench.train({ workers: 3, flags, slow: true });
    await run.reached(5);
    signalTo(run.command.pid, 'SIGTERM');
    const { runId, steps } = await run.summary(143);
    expect(steps).toBeLessThan(TOTAL_STEPS);
    // the format is the run's: it is not said again
    await using rest = bench.resume(runId, { workers: 1, servers: 2 });
    expect(outcomeOf(await rest.summary())).toEqual(undisturbed);
  });

  it('can be replayed where gradients are applied on arrival', async () => {
    const bounded = ['--consistency', 'bounded', '--staleness', '3'];
    const cluster = { workers: 2, servers: 2, epochs: 1 };
    await using run = bench.train({
      ...cluster,
      flags: [...flags, ...bounded],
    });
    const { runId, parametersSha256 } = await run.summary();
    const words = ['replay', join(bench.out, runId), '--json'];
    const { code, stdout, stderr } = await muster(words);
    expect(code, stderr).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      parametersSha256,
      isSame: true,
    });
  });
});
