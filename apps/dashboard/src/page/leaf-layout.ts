/**
 * Where the leaves of a step are drawn: rows of equal length, a power of two
 * where that fits, since leaves are added as a binary tree.
 */

/** A grid of cells. */
export interface LeafGrid {
  readonly columns: number;
  readonly rows: number;
  /** Side length of a cell with its gap, in pixels. */
  readonly size: number;
}

/** Side lengths of a cell with its gap. Pixels. */
const [SMALLEST, LARGEST] = [14, 48];

/**
 * The grid with the largest cells that fits a width.
 * @param numLeaves 0 or more.
 * @param width pixels.
 * @param height pixels that it should not exceed, unless cells would become
 *   smaller than 14 pixels.
 */
export function leafGrid(
  numLeaves: number,
  width: number,
  height: number,
): LeafGrid {
  if (numLeaves === 0) return { columns: 0, rows: 0, size: LARGEST };
  const widest = Math.max(1, Math.floor(width / SMALLEST));
  let best: LeafGrid | undefined;
  for (let columns = 1; columns <= widest; columns *= 2) {
    const rows = Math.ceil(numLeaves / columns);
    const fitting = Math.min(width / columns, height / rows, LARGEST);
    const size = Math.max(SMALLEST, Math.floor(fitting));
    // of equals the wider one: it is read as a line
    if (best === undefined || size >= best.size) best = { columns, rows, size };
    if (columns >= numLeaves) break;
  }
  return best ?? { columns: 1, rows: numLeaves, size: SMALLEST };
}
