/**
 * Measuring while this machine is as fast as it was a moment ago: where others
 * share its hardware, that may change by a third within a minute.
 */
import type { LeafPair } from './leaf-pair.js';
import { whenQuiet } from './quiet.js';

/** Largest change of speed meanwhile, as a share. */
const STEADY = 0.08;
const ATTEMPTS = 4;

/** What was measured, and how fast the machine was meanwhile. */
export interface Steady<T> {
  readonly value: T;
  /** How many times as long everything took as when leaves were measured. */
  readonly slowness: number;
  readonly numBusyElsewhere: number;
}

/**
 * Measures between two looks at the machine's speed; again, a few times, where
 * they differ. Gives what changed least.
 * @param measure ends every process that it starts.
 */
export async function whenSteady<T>(
  pair: LeafPair,
  measure: () => Promise<T>,
): Promise<Steady<T>> {
  let best: (Steady<T> & { readonly change: number }) | undefined;
  let before = await pair.slowness();
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const measured = await whenQuiet(measure);
    const after = await pair.slowness();
    const change = Math.abs(after / before - 1);
    const slowness = (before + after) / 2;
    if (change < (best?.change ?? Infinity)) {
      best = { ...measured, slowness, change };
    }
    if (change <= STEADY) break;
    before = after;
  }
  return best as Steady<T>;
}
