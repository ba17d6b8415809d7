/**
 * A table of texts for a terminal.
 */
import { printable } from './figures.js';

/** Columns where every text is of this form are set flush right. */
const FIGURE = /^[\d.,/]+( %)?$/;

/**
 * Gives the table, without a line break at the end: the keys of the first row
 * are the heads; a text that a row lacks is blank. No rows give no text.
 */
export function formatTable(
  rows: readonly Readonly<Record<string, string>>[],
): string {
  const heads = Object.keys(rows[0] ?? {});
  const columns = heads.map((head) => {
    const texts = rows.map((row) => printable(row[head] ?? ''));
    const filled = texts.filter((text) => text !== '');
    const isFigures =
      filled.length > 0 && filled.every((text) => FIGURE.test(text));
    const width = Math.max(...[head, ...texts].map(({ length }) => length));
    return [head, ...texts].map((text) =>
      isFigures ? text.padStart(width) : text.padEnd(width),
    );
  });
  const lines = columns[0] ?? [];
  return lines
    .map((_, line) => columns.map((column) => column[line] ?? '').join('  '))
    .map((line) => line.trimEnd())
    .join('\n');
}
