/**
 * Drawing with a round pen into grey levels, without a canvas.
 */

/** Grey levels: 0 is paper, 255 ink; row by row. */
export interface Sheet {
  readonly rows: number;
  readonly columns: number;
  /** [rows, columns] */
  readonly pixels: Uint8Array;
}

/** An empty sheet. */
export function sheet(rows: number, columns: number): Sheet {
  return { rows, columns, pixels: new Uint8Array(rows * columns) };
}

/** Whether nothing was drawn. */
export function isBlank({ pixels }: Sheet): boolean {
  return pixels.every((grey) => grey === 0);
}

/** A point of a sheet; pixel (0, 0) reaches from 0 to 1. */
export interface Spot {
  readonly x: number;
  readonly y: number;
}

/**
 * Draws a line with round ends: a pixel's ink falls off over the one pixel at
 * the rim.
 * @param radius of the pen, in pixels.
 */
export function drawLine(
  on: Sheet,
  from: Spot,
  to: Spot,
  radius: number,
): void {
  const [left, right] = range(from.x, to.x, radius, on.columns);
  const [top, bottom] = range(from.y, to.y, radius, on.rows);
  for (let row = top; row < bottom; row += 1) {
    for (let column = left; column < right; column += 1) {
      const spot = { x: column + 0.5, y: row + 0.5 };
      const inside = radius + 0.5 - distance(spot, from, to);
      const ink = Math.round(255 * Math.max(0, Math.min(1, inside)));
      const at = row * on.columns + column;
      on.pixels[at] = Math.max(on.pixels[at] ?? 0, ink);
    }
  }
}

function range(a: number, b: number, radius: number, end: number) {
  const low = Math.floor(Math.min(a, b) - radius - 1);
  const high = Math.ceil(Math.max(a, b) + radius + 1);
  return [Math.max(0, low), Math.min(end, high)] as const;
}

/** From a spot to the nearest spot of a line. */
function distance(spot: Spot, from: Spot, to: Spot): number {
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  const length = dx * dx + dy * dy;
  const along = (spot.x - from.x) * dx + (spot.y - from.y) * dy;
  const t = length === 0 ? 0 : Math.max(0, Math.min(1, along / length));
  return Math.hypot(spot.x - from.x - t * dx, spot.y - from.y - t * dy);
}
