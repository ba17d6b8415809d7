/**
 * Where a logarithmic axis is labelled. uPlot's own way takes steps as small as
 * the last digit of the lowest value, millions of them where that is no round
 * number.
 */

/** Labels of a decade, from fine to coarse. */
const DIGITS = [[1, 1.5, 2, 3, 4, 5, 6, 7, 8, 9], [1, 2, 5], [1]] as const;
/** More labels than this are too many for the height. */
const MOST = 7;

/**
 * Round numbers within a range, ascending, at most seven.
 * @param low above 0. @param high not below it.
 */
export function logSplits(low: number, high: number): number[] {
  const first = Math.floor(Math.log10(low));
  const last = Math.floor(Math.log10(high));
  for (const digits of DIGITS) {
    const found: number[] = [];
    for (let decade = first; decade <= last; decade += 1) {
      // by the decimal text: 3 * 10 ** -1 is 0.30000000000000004
      found.push(...digits.map((digit) => Number(`${digit}e${decade}`)));
    }
    const within = found.filter((one) => one >= low && one <= high);
    if (within.length <= MOST) return within;
  }
  return decades(first, last, low, high);
}

/** Every other decade, or fewer. */
function decades(
  first: number,
  last: number,
  low: number,
  high: number,
): number[] {
  const stride = Math.ceil((last - first + 1) / MOST);
  const found: number[] = [];
  for (let decade = first; decade <= last; decade += stride) {
    found.push(Number(`1e${decade}`));
  }
  return found.filter((one) => one >= low && one <= high);
}
