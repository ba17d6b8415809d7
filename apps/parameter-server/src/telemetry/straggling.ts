/** Who holds the others up, and how much. Pure. */

/**
 * Each worker's time a leaf over that of the median worker; of an even number
 * the faster of the two in the middle is the median, as where copies of slow
 * tasks are given.
 * @param paces milliseconds a leaf, by worker.
 */
export function straggling(
  paces: ReadonlyMap<string, number>,
): Map<string, number> {
  const sorted = [...paces.values()].sort((a, b) => a - b);
  const medianMs = sorted[(sorted.length - 1) >> 1];
  const ratios = new Map<string, number>();
  if (medianMs === undefined || medianMs <= 0) return ratios;
  for (const [workerId, paceMs] of paces) {
    ratios.set(workerId, paceMs / medianMs);
  }
  return ratios;
}

/** The slowest worker's, from 1; nothing while no pace is known. */
export function stragglerRatio(
  paces: ReadonlyMap<string, number>,
): number | undefined {
  const ratios = [...straggling(paces).values()];
  return ratios.length === 0 ? undefined : Math.max(...ratios);
}
