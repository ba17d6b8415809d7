/**
 * A report as one HTML file that needs nothing else.
 */
import type {
  Block,
  ReportDocument,
  Section,
  ShownExample,
} from './document.js';
import { Html, markup } from './markup.js';
import { SECURITY_POLICY, STYLE } from './style.js';

type BlockOf<K extends Block['kind']> = Extract<Block, { kind: K }>;

/** Columns of which every text is of this form are set flush right. */
const FIGURE = /^[-\d.,/ ]*( ?(%|s|ms|MB|GB|min|h)( \d\d (min|s))?)?$/;
/** Characters of a tile's value that there is room for in large letters. */
const NUM_LARGE = 11;
/** Probabilities that are shown of an example. */
const NUM_BARS = 3;

/** Writes the file. */
export function toHtml(document: ReportDocument): string {
  const { title, tiles, sections, foot } = document;
  const page = markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${SECURITY_POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${title}</title>
<style>${new Html(STYLE)}</style>
</head>
<body>
<header><h1>${title}</h1></header>
<main>
<dl class="tiles">
${tiles.map(({ name, value, detail }) => {
  const more =
    detail === undefined ? undefined : markup`<small>${detail}</small>`;
  return markup`<div class="tile"><dt>${name}</dt><dd class="${value.length > NUM_LARGE ? 'long' : ''}">${value}${more}</dd></div>`;
})}
</dl>
${sections.map(sectionOf)}
</main>
<footer>${foot}</footer>
</body>
</html>
`;
  return page.text;
}

function sectionOf({ heading, blocks }: Section): Html {
  const head = heading === '' ? undefined : markup`<h2>${heading}</h2>`;
  return markup`<section>${head}
${blocks.map(blockOf)}
</section>`;
}

function blockOf(block: Block): Html {
  switch (block.kind) {
    case 'text':
      return markup`<p>${block.text}</p>`;
    case 'note':
      return markup`<p class="note ${block.mood}">${block.text}</p>`;
    case 'code':
      return markup`<pre><code>${block.text}</code></pre>`;
    case 'chart':
      return markup`<figure><div class="scroll">${block.svg}</div><figcaption>${block.caption}</figcaption></figure>`;
    case 'table':
      return tableOf(block);
    case 'confusion':
      return confusionOf(block);
    case 'examples':
      return markup`<ul class="examples">${block.examples.map(exampleOf)}</ul>`;
    default: {
      const never: never = block;
      throw new TypeError(JSON.stringify(never));
    }
  }
}

function tableOf({ heads, rows, marked }: BlockOf<'table'>): Html {
  const width = Math.max(heads.length, ...rows.map(({ length }) => length));
  const classes = Array.from({ length: width }, (_, i) => {
    const texts = rows.map((row) => row[i] ?? '');
    const isFigures = texts.some((text) => /\d/.test(text));
    return isFigures && texts.every((text) => FIGURE.test(text))
      ? 'number'
      : '';
  });
  const head =
    heads.length === 0
      ? undefined
      : markup`<thead><tr>${heads.map((text, i) => markup`<th scope="col" class="${classes[i]}">${text}</th>`)}</tr></thead>`;
  const body = rows.map((row, i) => {
    const cells = row.map((text, column) =>
      column === 0 && (heads.length === 0 || heads[0] === '')
        ? markup`<th scope="row">${text}</th>`
        : markup`<td class="${heads.length === 0 ? '' : classes[column]}">${text}</td>`,
    );
    return markup`<tr class="${marked?.has(i) === true ? 'marked' : ''}">${cells}</tr>`;
  });
  return markup`<div class="scroll"><table>${head}<tbody>${body}</tbody></table></div>`;
}

/** Right answers are many: they are left white, and mistakes are shaded. */
function confusionOf({ counts }: BlockOf<'confusion'>): Html {
  const wrong = counts.flatMap((row, i) => row.filter((_, j) => i !== j));
  const most = Math.max(1, ...wrong);
  const heads = counts.map(
    (_, answer) => markup`<th scope="col">${answer}</th>`,
  );
  const rows = counts.map((row, label) => {
    const cells = row.map((count, answer) => {
      const share = label === answer ? 0 : (0.75 * count) / most;
      const name = label === answer ? 'right' : count === 0 ? 'zero' : '';
      return markup`<td class="${name}" style="--share: ${share.toFixed(3)}">${count}</td>`;
    });
    return markup`<tr><th scope="row">${label}</th>${cells}</tr>`;
  });
  return markup`<div class="scroll"><table class="confusion"><caption></caption><thead><tr><th></th>${heads}</tr></thead><tbody>${rows}</tbody></table></div>`;
}

function exampleOf({
  index,
  label,
  answer,
  probabilities,
  png,
}: ShownExample): Html {
  const source = `data:image/png;base64,${png.toString('base64')}`;
  const bars = shownClasses(label, probabilities).map((one) => {
    const share = probabilities[one] ?? 0;
    const name = one === label ? 'label' : one === answer ? 'answer' : '';
    return markup`<span>${one}</span><span class="bar ${name}" style="--share: ${share.toFixed(3)}"></span><span>${percent(share)}</span>`;
  });
  return markup`<li><img src="${source}" alt="test image ${index}, a ${label}"><div>
<div><strong>${label}</strong> taken for <strong>${answer}</strong></div><small>test image ${index}</small><div class="bars">${bars}</div>
</div></li>`;
}

/** The likeliest classes, and the right one among them. */
function shownClasses(label: number, probabilities: readonly number[]) {
  const order = probabilities
    .map((value, one) => ({ value, one }))
    .sort((a, b) => b.value - a.value)
    .map(({ one }) => one);
  const first = order.slice(0, NUM_BARS);
  return first.includes(label) ? first : [...first.slice(0, -1), label];
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
