/**
 * The few words with which the page writes into its document. Text is set as
 * text, never as markup, and only where it differs.
 */

/**
 * An element of `index.html`.
 * @throws Error when it is not there or of another kind.
 */
export function byId<T extends HTMLElement>(id: string, type: new () => T): T {
  const found = document.getElementById(id);
  if (found instanceof type) return found;
  throw new Error(`index.html: no ${type.name} with id '${id}'`);
}

/** What an element is made with. */
export interface Attributes {
  readonly class?: string;
  readonly text?: string;
  /** Any other attribute by its name. */
  readonly [name: string]: string | undefined;
}

/** Makes an element. */
export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: readonly Node[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined) continue;
    if (name === 'text') element.textContent = value;
    else element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

/** Writes a text; a screen reader hears of changes alone. */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

/** Writes an attribute where it differs. */
export function setAttribute(
  element: Element,
  name: string,
  value: string,
): void {
  if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}
