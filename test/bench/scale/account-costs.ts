/**
 * What the coordinator's brain costs at more and more workers: measured as far
 * as that takes a moment, and carried on from there.
 */

/** One measurement: workers, and milliseconds a word. */
export type AccountPoint = readonly [numWorkers: number, ms: number];

/** Words of one measurement: of four steps, on two servers. */
const WORDS_BY_WORKER = 8;

/**
 * Measures at 8, 16, 32 and so on, until the next size would take longer than
 * allowed.
 * @param measure gives the milliseconds a word at so many workers.
 * @param mostMs longest time of one measurement.
 */
export function measureAccounts(
  measure: (numWorkers: number) => number,
  mostMs: number,
): readonly AccountPoint[] {
  const points: AccountPoint[] = [];
  for (let numWorkers = 8; numWorkers <= 1024; numWorkers *= 2) {
    points.push([numWorkers, measure(numWorkers)]);
    const nextMs = accountMsAt(points, 2 * numWorkers);
    if (
      points.length > 2 &&
      2 * numWorkers * WORDS_BY_WORKER * nextMs > mostMs
    ) {
      break;
    }
  }
  return points;
}

/**
 * Milliseconds a word at so many workers: on the straight line between two
 * measurements, and beyond the last two on `ms ~ workers^p` through both.
 */
export function accountMsAt(
  points: readonly AccountPoint[],
  numWorkers: number,
): number {
  const [first] = points;
  if (first === undefined) return 0;
  if (numWorkers <= first[0]) return first[1];
  const above = points.findIndex(([n]) => n >= numWorkers);
  const [low, high] = above > 0 ? points.slice(above - 1) : points.slice(-2);
  if (low === undefined || high === undefined) return first[1];
  if (above > 0) {
    const share = (numWorkers - low[0]) / (high[0] - low[0]);
    return low[1] + share * (high[1] - low[1]);
  }
  const power = Math.log(high[1] / low[1]) / Math.log(high[0] / low[0]);
  return high[1] * (numWorkers / high[0]) ** Math.max(0, power);
}
