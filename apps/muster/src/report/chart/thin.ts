/**
 * Long curves made short: what a diagram of some hundred pixels can show.
 */

/** A place in a diagram's own units; y is NaN where the curve is broken. */
export type Point = readonly [x: number, y: number];

/**
 * Gives at most `2 * columns` points: of each column the least and the
 * greatest, in their order, so that no peak is lost. Short curves stay as
 * they are.
 */
export function thin(points: readonly Point[], columns: number): Point[] {
  if (points.length <= 2 * columns) return [...points];
  return inColumns(points, columns).flatMap((column) => {
    const known = column.filter(([, y]) => Number.isFinite(y));
    if (known.length === 0) return column.slice(0, 1);
    const least = known.reduce((a, b) => (b[1] < a[1] ? b : a));
    const most = known.reduce((a, b) => (b[1] > a[1] ? b : a));
    if (least === most) return [least];
    return least[0] < most[0] ? [least, most] : [most, least];
  });
}

/**
 * The running mean of a curve: each point has the weight of `1 / span` of the
 * mean so far, the first ones as much as all before together. NaN is passed
 * over and stays.
 */
export function smooth(points: readonly Point[], span: number): Point[] {
  let mean = 0;
  let count = 0;
  return points.map(([x, y]) => {
    if (!Number.isFinite(y)) return [x, Number.NaN];
    count += 1;
    mean += (y - mean) / Math.min(count, Math.max(1, span));
    return [x, mean];
  });
}

function inColumns(points: readonly Point[], columns: number): Point[][] {
  return Array.from({ length: columns }, (_, i) =>
    points.slice(
      Math.floor((i * points.length) / columns),
      Math.floor(((i + 1) * points.length) / columns),
    ),
  );
}
