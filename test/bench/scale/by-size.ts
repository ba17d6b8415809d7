/**
 * What is measured at two sizes of a slice, for the line through both, in
 * processes that are started as the launcher starts Muster's.
 */
import { fileURLToPath } from 'node:url';
import { Contender } from '../contender.js';
import { PROCESS_FLAGS, PROCESS_MEMORY } from '../process-settings.js';
import { LENGTH } from '../wire-words.js';
import { costThrough } from './costs.js';
import type { Cost } from './costs.js';

/** Elements: a thirty-second of the parameters, and all of them. */
const SIZES = [Math.ceil(LENGTH / 32), LENGTH] as const;
const BYTES_PER_FLOAT32 = 4;

/** One measurement at each of both sizes. */
export type BySize<T> = readonly [small: T, large: T];

/** Measures at both sizes, in elements. */
export async function bySize<T>(
  measure: (length: number) => Promise<T>,
): Promise<BySize<T>> {
  return [await measure(SIZES[0]), await measure(SIZES[1])];
}

/**
 * The cost by the slice's bytes.
 * @param of gives the milliseconds of one measurement.
 */
export function costBySize<T>(
  [small, large]: BySize<T>,
  of: (one: T) => number,
): Cost {
  return costThrough(
    [BYTES_PER_FLOAT32 * SIZES[0], of(small)],
    [BYTES_PER_FLOAT32 * SIZES[1], of(large)],
  );
}

/** Starts a script of `contenders/` on one core. */
export function startContender(
  name: string,
  core: number,
  ...args: string[]
): Promise<Contender> {
  const script = new URL(`contenders/${name}.js`, import.meta.url);
  return Contender.start({
    ...{ name, command: process.execPath, cores: String(core), threads: 1 },
    args: [...PROCESS_FLAGS, fileURLToPath(script), ...args],
    env: PROCESS_MEMORY,
  });
}
