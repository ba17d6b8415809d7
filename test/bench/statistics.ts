/** What is told of repeated measurements. */

/** The middle of some numbers, the lower one of two. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[(sorted.length - 1) >> 1] ?? NaN;
}

/** The mean of some numbers. */
export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Least, middle and greatest, with so many digits. */
export function spread(values: readonly number[], digits = 2): string {
  const [least, middle, greatest] = [
    Math.min(...values),
    median(values),
    Math.max(...values),
  ].map((value) => value.toFixed(digits)) as [string, string, string];
  return `${middle} (${least} to ${greatest})`;
}
