/**
 * Where the entries of a legend stand: from left to right, in as many lines as
 * they need, the last of which is at the head of the diagram. Pure.
 */

/** The place of one entry, in pixels. */
export interface LegendPlace {
  readonly x: number;
  /** 0 in the last line, below 0 in those above it. */
  readonly y: number;
}

/** A legend, and what it needs above the diagram. */
export interface LegendLayout {
  readonly places: readonly LegendPlace[];
  /** In pixels, from 0. */
  readonly above: number;
}

/** From one line to the next. */
const LINE = 20;

/**
 * Places entries.
 * @param widths of the entries, with the room after each.
 */
export function layOutLegend(
  widths: readonly number[],
  [left, right]: readonly [left: number, right: number],
): LegendLayout {
  let [x, line] = [left, 0];
  const placed = widths.map((width) => {
    if (x > left && x + width > right) [x, line] = [left, line + 1];
    const place = { x, line };
    x += width;
    return place;
  });
  const above = line * LINE;
  const places = placed.map((one) => {
    return { x: one.x, y: one.line * LINE - above };
  });
  return { places, above };
}
