/**
 * The names of a setting, all made from its key: `globalBatch` is
 * `--global-batch`, `MUSTER_GLOBAL_BATCH` and `global-batch:`.
 */

/** Variables that are no settings, and yet nobody's mistake. */
export const RESERVED_VARIABLES = [
  'MUSTER_NATIVE',
  'MUSTER_KERNELS',
  'MUSTER_SHARED_MEMORY',
] as const;

/** Gives the key of the YAML file: `global-batch`. */
export function fileKeyOf(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** Gives the flag: `--global-batch`. */
export function flagOf(name: string): string {
  return `--${fileKeyOf(name)}`;
}

/** Gives the environment's name: `MUSTER_GLOBAL_BATCH`. */
export function variableOf(name: string): string {
  return `MUSTER_${fileKeyOf(name).toUpperCase().replaceAll('-', '_')}`;
}

/**
 * Finds what was probably meant: the candidate that takes the fewest inserted,
 * removed or changed letters, if that is at most a third of the name's length.
 */
export function nearestName(
  name: string,
  candidates: readonly string[],
): string | undefined {
  let nearest: string | undefined;
  let least = Math.floor(name.length / 3) + 1;
  for (const candidate of candidates) {
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (distance >= least) continue;
    least = distance;
    nearest = candidate;
  }
  return nearest;
}

/** Levenshtein distance, row by row (Wagner and Fischer 1974). */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = a[i - 1] === b[j - 1] ? 0 : 1;
      next.push(
        Math.min(
          (row[j] ?? 0) + 1,
          (next[j - 1] ?? 0) + 1,
          (row[j - 1] ?? 0) + change,
        ),
      );
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
