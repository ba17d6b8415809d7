/**
 * Light smoothing of noisy curves.
 */

/**
 * Exponential moving average without the pull towards zero at the beginning:
 * `m = Σ d^(n-i) · x_i / Σ d^(n-i)` with `d = 1 - 1/span`, over the values that
 * are there (Kingma and Ba 2014, section 3, corrects its bias alike).
 * @param span how many values it remembers, 1 or more; 1 changes nothing.
 * @returns as long as `values`, null where they are.
 */
export function smoothed(
  values: readonly (number | null)[],
  span: number,
): (number | null)[] {
  const decay = 1 - 1 / Math.max(1, span);
  let [sum, weight] = [0, 0];
  return values.map((value) => {
    if (value === null) return null;
    sum = decay * sum + value;
    weight = decay * weight + 1;
    return sum / weight;
  });
}

/** How much the curves are smoothed: a fortieth of what is shown, 1 to 25. */
export function spanFor(numPoints: number): number {
  return Math.max(1, Math.min(25, numPoints / 40));
}
