/** Grey pictures at another size and place, by averages over areas. */

/** Where one line of source pixels comes to lie in a line of target pixels. */
export interface Placement {
  /** Position of the source's beginning, in target pixels; may be negative. */
  readonly offset: number;
  /** Target pixels a source pixel, above 0. */
  readonly scale: number;
}

/**
 * Integrates a line of pixels from its beginning to a position between them;
 * `sums[i]` is the sum of the first `i` values.
 */
function integralAt(sums: Float64Array, position: number): number {
  const last = sums.length - 1;
  const inside = Math.min(last, Math.max(0, position));
  const index = Math.floor(inside);
  const before = sums[index] ?? 0;
  return before + ((sums[index + 1] ?? before) - before) * (inside - index);
}

/**
 * Resamples one line: a target pixel is the mean of the source over the part
 * that it covers, 0 outside the source. Sums are kept: that of the result is
 * the source's times the scale, where all of it is inside.
 */
function resampleLine(
  line: Float64Array,
  numTargets: number,
  { offset, scale }: Placement,
): Float64Array {
  const sums = new Float64Array(line.length + 1);
  line.forEach((value, i) => {
    sums[i + 1] = (sums[i] ?? 0) + value;
  });
  const result = new Float64Array(numTargets);
  let before = integralAt(sums, -offset / scale);
  for (let i = 0; i < numTargets; i += 1) {
    const next = integralAt(sums, (i + 1 - offset) / scale);
    result[i] = (next - before) * scale;
    before = next;
  }
  return result;
}

/** A picture as lines of grey levels; all lines have one length. */
export type Lines = readonly Float64Array[];

const transpose = (lines: Lines): Lines =>
  Array.from(lines[0] ?? [], (_, column) =>
    Float64Array.from(lines, (line) => line[column] ?? 0),
  );

/**
 * Puts a picture into a frame of another size.
 *
 * @returns float64 `[rows, columns]` as lines, 0 where the picture is not.
 */
export function resample(
  lines: Lines,
  rows: number,
  columns: number,
  placement: { readonly vertical: Placement; readonly horizontal: Placement },
): Lines {
  const { vertical, horizontal } = placement;
  const narrow = lines.map((line) => resampleLine(line, columns, horizontal));
  return transpose(
    transpose(narrow).map((line) => resampleLine(line, rows, vertical)),
  );
}
