/**
 * Measuring while nobody else does: what other programs do on the other core
 * shows even in processor time, by the caches that are shared.
 */
import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { readMachineMs, readOwnMs } from './process-times.js';

/** Cores that others may keep busy. */
export const QUIET_CORES = 0.15;

const SAMPLE_MS = 500;
const PATIENCE_MS = 30_000;
const ATTEMPTS = 2;

/** What was measured, and how many cores others kept busy meanwhile. */
export interface Measurement<T> {
  readonly value: T;
  readonly numBusyElsewhere: number;
}

/**
 * Waits until the machine is idle, and measures; again, a few times, where
 * others came in between. Gives what was disturbed least.
 * @param measure ends every process that it starts.
 */
export async function whenQuiet<T>(
  measure: () => Promise<T>,
): Promise<Measurement<T>> {
  let best: Measurement<T> | undefined;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    await waitForQuiet();
    const one = await watched(measure);
    if (one.numBusyElsewhere <= QUIET_CORES) return one;
    const isBetter =
      one.numBusyElsewhere < (best?.numBusyElsewhere ?? Infinity);
    if (isBetter) best = one;
  }
  return best as Measurement<T>;
}

/** Measures, and counts what others use meanwhile. */
async function watched<T>(measure: () => Promise<T>): Promise<Measurement<T>> {
  const othersMs = async (): Promise<number> =>
    (await readMachineMs()) - (await readOwnMs());
  const [beforeMs, startMs] = [await othersMs(), performance.now()];
  const value = await measure();
  const usedMs = (await othersMs()) - beforeMs;
  const numBusyElsewhere = usedMs / (performance.now() - startMs);
  return { value, numBusyElsewhere: Math.max(0, numBusyElsewhere) };
}

/** Ends when the machine is idle, or after a while. */
async function waitForQuiet(): Promise<void> {
  const deadlineMs = performance.now() + PATIENCE_MS;
  while (performance.now() < deadlineMs) {
    const idle = await watched(() => pause(SAMPLE_MS));
    if (idle.numBusyElsewhere <= QUIET_CORES) return;
  }
}
