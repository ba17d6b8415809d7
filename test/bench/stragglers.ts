/**
 * What a slow worker costs: two workers alone against the same two with a
 * third that runs a tenth of the time (SIGSTOP and SIGCONT), alternating. The
 * second epoch is timed: while it loads its library in the first one, the
 * third takes a core from the others, slow or not.
 */
import { readFile, readdir } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { runTraining } from './run-training.js';
import type { TrainingSummary } from './run-training.js';
import { median } from './statistics.js';

const ROUNDS = 5;
const RUNS_MS = 20;
const SLEEPS_MS = 180;

/** Runs it and gives the figures. */
export async function benchStragglers(tell: (line: string) => void) {
  const ratios: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const alone = await runTraining(argsOf(2));
    const withSlow = await runTraining(argsOf(3), slowDown);
    const ratio = secondEpoch(alone) / secondEpoch(withSlow);
    ratios.push(ratio);
    tell(
      `round ${round + 1}: ${secondEpoch(alone)} ms with two, ${secondEpoch(withSlow)} ms with a slow third: ${ratio.toFixed(3)}`,
    );
    if (alone.parametersSha256 !== withSlow.parametersSha256) {
      throw new Error('the slow worker shows in the bits');
    }
  }
  return {
    stepRateRatio: median(ratios),
    spread: [Math.min(...ratios), Math.max(...ratios)],
  };
}

function secondEpoch({ history }: TrainingSummary): number {
  const [first, second] = history.map(({ trainMs }) => trainMs);
  return Math.round((second ?? NaN) - (first ?? NaN));
}

function argsOf(workers: number): string[] {
  return ['--epochs', '2', '--seed', '7', '--workers', String(workers)];
}

/** Lets worker-2 of a launcher run a tenth of the time, until it is told to stop. */
function slowDown(launcher: number): () => void {
  const abort = new AbortController();
  void cycle(launcher, abort.signal).catch(() => undefined);
  return () => abort.abort();
}

async function cycle(launcher: number, signal: AbortSignal): Promise<void> {
  const pid = await workerOf(launcher, 'worker-2', signal);
  // it is slow once it works, not while it loads
  await pause(4000, undefined, { signal });
  while (!signal.aborted) {
    process.kill(pid, 'SIGSTOP');
    await pause(SLEEPS_MS);
    process.kill(pid, 'SIGCONT');
    await pause(RUNS_MS);
  }
}

/** A child of the launcher, by the name that it was given. */
async function workerOf(
  launcher: number,
  name: string,
  signal: AbortSignal,
): Promise<number> {
  for (;;) {
    for (const pid of await readdir('/proc')) {
      if (!/^\d+$/.test(pid)) continue;
      const of = (file: string) =>
        readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '');
      const parent = / \S (\d+) /.exec(await of('stat'))?.[1];
      if (Number(parent) !== launcher) continue;
      if ((await of('environ')).includes(`WORKER_ID=${name}\0`)) {
        return Number(pid);
      }
    }
    await pause(50, undefined, { signal });
  }
}
