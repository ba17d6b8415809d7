/**
 * Small pictures on canvases.
 */

/** Base64 as bytes. */
export function bytesOf(base64: string): Uint8Array {
  return Uint8Array.from(atob(base64), (one) => one.charCodeAt(0));
}

/** Paints ink on a transparent ground: the style sheet gives the paper. */
export function paintInk(
  canvas: HTMLCanvasElement,
  pixels: Uint8Array,
  rows: number,
  columns: number,
): void {
  paint(canvas, rows, columns, (at) => [255, 255, 255, pixels[at] ?? 0]);
}

/**
 * Paints a filter: orange where it adds, blue where it takes away, as strong as
 * the weight against `largest`.
 * @param values [rows, columns]
 */
export function paintFilter(
  canvas: HTMLCanvasElement,
  values: readonly number[],
  rows: number,
  columns: number,
  largest: number,
): void {
  paint(canvas, rows, columns, (at) => {
    const value = values[at] ?? 0;
    const alpha = largest > 0 ? (255 * Math.abs(value)) / largest : 0;
    return value > 0 ? [224, 108, 16, alpha] : [32, 110, 220, alpha];
  });
}

function paint(
  canvas: HTMLCanvasElement,
  rows: number,
  columns: number,
  rgba: (at: number) => readonly number[],
): void {
  canvas.width = columns;
  canvas.height = rows;
  const context = canvas.getContext('2d');
  if (!context) return;
  const image = context.createImageData(columns, rows);
  for (let at = 0; at < rows * columns; at += 1) {
    image.data.set(rgba(at), 4 * at);
  }
  context.putImageData(image, 0, 0);
}
