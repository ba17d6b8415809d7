/**
 * The table of settings as Markdown, as the README has it. A test compares
 * the two.
 */
import { flagOf } from './names.js';
import { SETTING_ENTRIES } from './table.js';
import type { Setting } from './table.js';

const HEAD = ['Setting', 'Default', 'Values', 'Meaning', 'Commands'];

/**
 * Gives the table, aligned as Prettier aligns it, without a line break at the
 * end.
 */
export function settingsTable(): string {
  const rows = SETTING_ENTRIES.map(([name, setting]) => [
    `\`${flagOf(name)}\``,
    fallbackCell(setting),
    setting.kind.values,
    setting.help,
    setting.commands.join(', '),
  ]);
  const widths = HEAD.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join(' | ')} |`;
  const rule = widths.map((width) => '-'.repeat(width));
  return [HEAD, rule, ...rows].map(line).join('\n');
}

function fallbackCell({ fallback, fallbackOf = {} }: Setting): string {
  if (fallback === undefined) return '';
  const others = Object.entries(fallbackOf).map(
    ([command, text]) => `, ${command}: \`${text}\``,
  );
  return `\`${fallback}\`${others.join('')}`;
}
