/**
 * The learning rate by step. It enters every parameter's bits, so it is made
 * of correctly rounded operations alone.
 */

/** Learning rate by step; the shape of the run definition's `schedule`. */
export type ScheduleConfig =
  | {
      readonly name: 'constant';
      /** Above 0. */
      readonly learningRate: number;
    }
  | {
      readonly name: 'cosine';
      /** The peak, above 0. */
      readonly learningRate: number;
      /** Share of all steps over which the rate rises, 0 to below 1. */
      readonly warmupRatio: number;
    };

/**
 * Gives the learning rate of one step.
 *
 * - `constant`: always `learningRate`.
 * - `cosine`, with `W = round(warmupRatio * totalSteps)`: while `step < W`,
 *   `learningRate * (step + 1) / W` (Goyal et al. 2017, section 2.2); then
 *   `learningRate * (1 + cos(pi p)) / 2` with
 *   `p = (step - W) / (totalSteps - W)` (Loshchilov and Hutter 2017, equation
 *   5, without restarts); 0 from `totalSteps` on.
 *
 * @param step - global step before the update, from 0.
 * @param totalSteps - steps of the whole run, at least 1.
 */
export function learningRateAt(
  config: ScheduleConfig,
  step: number,
  totalSteps: number,
): number {
  const { learningRate } = config;
  if (config.name === 'constant') return learningRate;
  if (step >= totalSteps) return 0;
  const warmupSteps = Math.round(config.warmupRatio * totalSteps);
  if (step < warmupSteps) return (learningRate * (step + 1)) / warmupSteps;
  const progress = (step - warmupSteps) / (totalSteps - warmupSteps);
  return learningRate * cosineDecay(progress);
}

/**
 * Gives `(1 + cos(pi p)) / 2` for `p` in 0 to 1, as `cos(pi p / 2)` squared.
 *
 * ECMAScript leaves `Math.cos` implementation-approximated: two Node versions
 * may differ in the last bit, and then no run could be repeated on the other.
 * Here the cosine is its Taylor sum to `x^20`, nested from the inside as
 * `1 - x^2/(1*2) (1 - x^2/(3*4) (1 - ...))`; for `x` up to `pi/2` what is
 * left out is below `(pi/2)^22 / 22! = 2e-17`.
 */
export function cosineDecay(progress: number): number {
  const x = (Math.PI / 2) * progress;
  let cosine = 1;
  for (let k = 10; k >= 1; k--) {
    cosine = 1 - ((x * x) / ((2 * k - 1) * (2 * k))) * cosine;
  }
  return cosine * cosine;
}
