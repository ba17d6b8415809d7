/**
 * A report as Markdown: the same figures, and words where the HTML file has
 * pictures.
 */
import type { Block, ReportDocument } from './document.js';

type BlockOf<K extends Block['kind']> = Extract<Block, { kind: K }>;

/** Writes the file. */
export function toMarkdown(document: ReportDocument): string {
  const { title, tiles, sections, foot } = document;
  const heads = ['', ''];
  const rows = tiles.map(({ name, value, detail }) => {
    return [name, detail === undefined ? value : `${value} (${detail})`];
  });
  const parts = [
    `# ${plain(title)}`,
    tableOf(heads, rows),
    ...sections.flatMap(({ heading, blocks }) => [
      ...(heading === '' ? [] : [`## ${plain(heading)}`]),
      ...blocks.map(blockOf),
    ]),
    plain(foot),
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

function blockOf(block: Block): string {
  switch (block.kind) {
    case 'text':
      return plain(block.text);
    case 'note':
      return `> ${plain(block.text)}`;
    case 'code':
      return codeOf(block.text);
    case 'table':
      return tableOf(block.heads, block.rows);
    case 'chart':
      return block.texts.map(plain).join('\\\n');
    case 'confusion':
      return confusionOf(block);
    case 'examples':
      return tableOf(
        [
          'test image',
          'label',
          'answer',
          'probability of the label',
          'of the answer',
        ],
        block.examples.map(({ index, label, answer, probabilities }) => [
          ...[index, label, answer].map(String),
          percent(probabilities[label]),
          percent(probabilities[answer]),
        ]),
      );
    default: {
      const never: never = block;
      throw new TypeError(JSON.stringify(never));
    }
  }
}

/** The fence is longer than any run of backticks inside. */
function codeOf(text: string): string {
  const runs = text.match(/`+/g) ?? [];
  const longest = Math.max(2, ...runs.map(({ length }) => length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}\n${text}\n${fence}`;
}

function tableOf(
  heads: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  if (rows.length === 0) return '';
  const width = Math.max(heads.length, ...rows.map(({ length }) => length));
  const lineOf = (cells: readonly string[]) => {
    const all = Array.from({ length: width }, (_, i) => plain(cells[i] ?? ''));
    return `| ${all.join(' | ')} |`;
  };
  const rule = `|${' --- |'.repeat(width)}`;
  return [lineOf(heads), rule, ...rows.map(lineOf)].join('\n');
}

function confusionOf({ counts }: BlockOf<'confusion'>): string {
  const heads = ['label \\ answer', ...counts.map((_, i) => String(i))];
  const rows = counts.map((row, i) => [String(i), ...row.map(String)]);
  return tableOf(heads, rows);
}

/**
 * A text that Markdown shows as it is: neither markup nor HTML, on one line.
 */
export function plain(text: string): string {
  return text
    .replace(/[\p{Cc}\s]+/gu, ' ')
    .trim()
    .replace(/[\\`*_{}[\]<>|~#&]/g, (one) => `\\${one}`);
}

function percent(share = 0): string {
  return `${(100 * share).toFixed(1)} %`;
}
