/**
 * A curve in a line of text.
 */

const BLOCKS = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
const WIDTH = 60;

/**
 * Draws values as blocks of eight heights, each the mean of equally many; a
 * blank where there is no number.
 */
export function sparkline(values: readonly number[]): string {
  const width = Math.min(WIDTH, values.length);
  const means = Array.from({ length: width }, (_, i) =>
    meanOf(
      values.slice(
        Math.floor((i * values.length) / width),
        Math.floor(((i + 1) * values.length) / width),
      ),
    ),
  );
  const known = means.filter(Number.isFinite);
  const [min, max] = [Math.min(...known), Math.max(...known)];
  const heightOf = (mean: number) =>
    max > min ? Math.round((7 * (mean - min)) / (max - min)) : 0;
  return means
    .map((mean) =>
      Number.isFinite(mean) ? (BLOCKS[heightOf(mean)] ?? ' ') : ' ',
    )
    .join('');
}

function meanOf(values: readonly number[]): number {
  const known = values.filter(Number.isFinite);
  return known.reduce((sum, value) => sum + value, 0) / known.length;
}
