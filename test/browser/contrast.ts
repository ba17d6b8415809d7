/**
 * Contrast of every text that a page shows, as WCAG 2.2 has it: relative
 * luminance (https://www.w3.org/TR/WCAG22/#dfn-relative-luminance) of the text
 * against the ground behind it.
 */
import type { OpenPage } from './chromium.js';

/** A text that is hard to read. */
export interface FaintText {
  readonly text: string;
  readonly ratio: number;
  readonly needed: number;
}

/** Runs in the page: gives `{ checked, faint }`. */
const SCRIPT = `(() => {
  const parse = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const linear = (c) => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  const luminance = ([r, g, b]) =>
    0.2126 * linear(r / 255) + 0.7152 * linear(g / 255) + 0.0722 * linear(b / 255);
  const over = (top, below) => {
    const a = top[3] ?? 1;
    return [0, 1, 2].map((i) => a * top[i] + (1 - a) * below[i]);
  };
  const ground = (element) => {
    if (!element) return [255, 255, 255];
    const own = parse(getComputedStyle(element).backgroundColor);
    return (own[3] ?? 1) === 1 ? own.slice(0, 3) : over(own, ground(element.parentElement));
  };
  let checked = 0;
  const faint = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement;
    const text = node.textContent.trim();
    if (text === '' || !element.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue;
    if (element.closest('script, noscript, .hidden, .skip')) continue;
    const style = getComputedStyle(element);
    const size = parseFloat(style.fontSize);
    const isLarge = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    const below = ground(element);
    const [a, b] = [luminance(over(parse(style.color), below)), luminance(below)];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    const needed = isLarge ? 3 : 4.5;
    checked += 1;
    if (ratio < needed) faint.push({ text: text.slice(0, 40), ratio, needed });
  }
  return { checked, faint };
})()`;

/** All texts below level AA, and how many were looked at. */
export function faintTexts(
  page: OpenPage,
): Promise<{ checked: number; faint: FaintText[] }> {
  return page.evaluate(SCRIPT);
}
