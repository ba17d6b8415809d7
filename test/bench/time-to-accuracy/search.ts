/**
 * Finds the shortest training that is accurate enough as the mean over some
 * seeds, without running what can no longer be it. Pure but for `train`.
 */
import { mean } from '../statistics.js';

/** An end of a training, or an epoch at which it might have been ended. */
export interface Point {
  /** From 1. */
  readonly epoch: number;
  /** Training time up to here; evaluations and the start are not in it. */
  readonly seconds: number;
  /** On the test set, 0 to 1. */
  readonly accuracy: number;
}

/** One way to train. */
export interface Setting {
  /** Who trains: of each only the fastest setting races. */
  readonly who: string;
  /** Batch size, learning rate and the like, for people. */
  readonly name: string;
  /** Numbers of epochs to try, ascending. */
  readonly lengths: readonly number[];
  /**
   * Trains for so many epochs. Gives one point where the learning rate's
   * course is planned for that number, else one an epoch.
   */
  train(epochs: number, seed: number): Promise<readonly Point[]>;
}

/** What a setting came to. */
export interface Finding {
  readonly setting: Setting;
  /** The point that is accurate enough, by seed; none where there is none. */
  readonly points: readonly Point[];
  /** For people: why it was given up, or what was reached. */
  readonly verdict: string;
}

/** What is looked for. */
export interface Goal {
  /** Mean over the seeds, 0 to 1. */
  readonly accuracy: number;
  readonly seeds: readonly number[];
}

/**
 * Where the mean of `n` seeds is further below than this, divided by the root
 * of `n`, more of them will not lift it: more than two standard deviations,
 * as one seed's accuracy has 0.0007.
 */
const SLACK = 0.0016;
/** What is so many times slower than the best is not going to be faster. */
const SLOWER = 1.15;

/**
 * Tries the lengths of a setting until one is accurate enough.
 * @param bestSeconds of the settings before it; Infinity when there are none.
 */
export async function search(
  setting: Setting,
  goal: Goal,
  bestSeconds: number,
): Promise<Finding> {
  let verdict = 'not tried';
  for (const length of setting.lengths) {
    const runs: (readonly Point[])[] = [];
    for (const seed of goal.seeds) {
      runs.push(await setting.train(length, seed));
      const slack = SLACK / Math.sqrt(runs.length);
      const hopeful = first(runs, goal.accuracy - slack);
      if (hopeful === undefined) break;
      const seconds = meanSeconds(hopeful);
      if (seconds <= SLOWER * bestSeconds) continue;
      verdict = `slower: ${seconds.toFixed(1)} s with seed ${seed}`;
      return { setting, points: [], verdict };
    }
    const isWhole = runs.length === goal.seeds.length;
    const points = isWhole ? first(runs, goal.accuracy) : undefined;
    if (points !== undefined) return { setting, points, verdict: 'reached' };
    verdict = `${length} epochs: ${percent(bestMean(runs))} % with ${runs.length} seeds`;
  }
  return { setting, points: [], verdict };
}

/** The mean training time of some points; NaN of none. Seconds. */
export function meanSeconds(points: readonly Point[]): number {
  return mean(points.map(({ seconds }) => seconds));
}

/** The mean accuracy of some points, 0 to 1; NaN of none. */
export function meanAccuracy(points: readonly Point[]): number {
  return mean(points.map(({ accuracy }) => accuracy));
}

/** With two digits behind the point. */
export function percent(share: number): string {
  return (share * 100).toFixed(2);
}

/** The points of all runs, those of one epoch together. */
function byEpoch(runs: readonly (readonly Point[])[]): Point[][] {
  const [one = []] = runs;
  return one.map((_, i) => runs.flatMap((points) => points[i] ?? []));
}

/** The first epoch whose mean accuracy is so high. */
function first(
  runs: readonly (readonly Point[])[],
  accuracy: number,
): Point[] | undefined {
  return byEpoch(runs).find((points) => meanAccuracy(points) >= accuracy);
}

function bestMean(runs: readonly (readonly Point[])[]): number {
  return Math.max(...byEpoch(runs).map(meanAccuracy));
}
