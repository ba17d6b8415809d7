/**
 * Where the lines of a diagram's grid are: at round numbers.
 */

/** The axis of a diagram. */
export interface Axis {
  readonly scale: 'linear' | 'log';
  readonly min: number;
  readonly max: number;
  /** Ascending, from `min` to `max`. */
  readonly ticks: readonly number[];
}

/** Mantissas of round numbers. */
const ROUND = [1, 2, 2.5, 5, 10];

/**
 * An axis from a round number to a round number that holds all values.
 * @param about how many steps between ticks there should be.
 */
export function linearAxis(min: number, max: number, about = 5): Axis {
  const width = max > min ? max - min : Math.abs(max) || 1;
  const step = roundStep(width / about);
  const first = Math.floor(min / step + 1e-9);
  const last = Math.max(first + 1, Math.ceil(max / step - 1e-9));
  const ticks = Array.from({ length: last - first + 1 }, (_, i) =>
    exact((first + i) * step),
  );
  const [low = 0, high = 1] = [ticks[0], ticks.at(-1)];
  return { scale: 'linear', min: low, max: high, ticks };
}

/** An axis whose ends are the values' own, with round ticks between. */
export function tightAxis(min: number, max: number, about = 8): Axis {
  const end = max > min ? max : min + 1;
  const { ticks } = linearAxis(min, end, about);
  const inside = ticks.filter((tick) => tick >= min && tick <= end);
  return { scale: 'linear', min, max: end, ticks: inside };
}

/**
 * A logarithmic axis that holds all values: ticks at 1, 2 and 5 times powers
 * of ten, or at powers of ten alone where there would be many.
 * @param min above 0.
 */
export function logAxis(min: number, max: number): Axis {
  const decades = Math.log10(max / min);
  const mantissas = decades > 3.5 ? [1] : [1, 2, 5];
  const all: number[] = [];
  const lowest = Math.floor(Math.log10(min)) - 1;
  for (let power = lowest; power <= Math.ceil(Math.log10(max)) + 1; power++) {
    all.push(...mantissas.map((one) => exact(one * 10 ** power)));
  }
  const low = all.findLast((tick) => tick <= min) ?? min;
  const high = all.find((tick) => tick >= max && tick > low) ?? max;
  const ticks = all.filter((tick) => tick >= low && tick <= high);
  return { scale: 'log', min: low, max: high, ticks };
}

/** Where a value lies on an axis: 0 at its low end, 1 at its high end. */
export function shareOf(axis: Axis, value: number): number {
  const of = (one: number) => (axis.scale === 'log' ? Math.log(one) : one);
  return (of(value) - of(axis.min)) / (of(axis.max) - of(axis.min));
}

function roundStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least));
  const mantissa = ROUND.find((one) => one * power >= least * (1 - 1e-9)) ?? 10;
  return mantissa * power;
}

/** Without the last digits of binary fractions: 0.1 + 0.2 is 0.3. */
function exact(value: number): number {
  return Number(value.toPrecision(12));
}
