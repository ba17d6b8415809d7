/**
 * What checkpoints cost: training with one every ten steps against training
 * with none within the epoch, alternating, so that the cost is twenty times
 * that of the default interval; the default's is computed from it.
 */
import { runTraining } from './run-training.js';
import { median } from './statistics.js';

const ROUNDS = 5;
const EVERY = 10;
const DEFAULT_EVERY = 200;
const STEPS = 235;

/** Runs it and gives the figures. */
export async function benchCheckpoints(tell: (line: string) => void) {
  const extras: number[] = [];
  const ratios: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const without = await timeOf(0);
    const withMany = await timeOf(EVERY);
    const numCheckpoints = Math.floor(STEPS / EVERY);
    const extra = (withMany - without) / numCheckpoints;
    extras.push(extra * 1000);
    ratios.push(extra / ((without / STEPS) * DEFAULT_EVERY));
    tell(`round ${round + 1}: ${without} s, ${withMany} s`);
  }
  return {
    millisecondsEach: median(extras),
    shareAtDefaultInterval: median(ratios),
    spread: [Math.min(...ratios), Math.max(...ratios)],
  };
}

async function timeOf(every: number): Promise<number> {
  const cluster = ['--epochs', '1', '--seed', '7', '--workers', '1'];
  const files = ['--checkpoint-every', String(every), '--metrics', 'off'];
  return (await runTraining([...cluster, ...files])).trainSeconds;
}
