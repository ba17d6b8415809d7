/**
 * Text that is HTML, and text that is not: whatever is put into a page is
 * escaped unless it was made here.
 */

/** Markup. Only {@link markup} makes it. */
export class Html {
  readonly text: string;

  /** @param text is taken as it is. */
  constructor(text: string) {
    this.text = text;
  }
}

/** What can stand between the literal parts of a page. */
export type HtmlValue = Html | string | number | undefined | readonly Html[];

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Makes a text harmless in content and in quoted attributes. */
export function escapeHtml(text: string): string {
  // control characters have no place in HTML, but for breaks and tabs
  const printable = text.replace(/[^\P{Cc}\n\t]/gu, '\ufffd');
  return printable.replace(/[&<>"']/g, (one) => ENTITIES[one] ?? one);
}

/** A tagged template: the values are escaped, the text of the code is not. */
export function markup(
  parts: TemplateStringsArray,
  ...values: readonly HtmlValue[]
): Html {
  const texts = parts.map((part, i) => part + markupOf(values[i]));
  return new Html(texts.join(''));
}

function markupOf(value: HtmlValue): string {
  if (value === undefined) return '';
  if (value instanceof Html) return value.text;
  if (typeof value === 'object') {
    return value.map(({ text }) => text).join('\n');
  }
  return escapeHtml(String(value));
}
