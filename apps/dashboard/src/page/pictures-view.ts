/**
 * What the network looks like from within: its first filters, and the digits
 * that it gets wrong.
 */
import type { Mistake, Pictures, RunFacts } from '../feed.js';
import { bars, ranked } from './bars.js';
import { byId, make, setText } from './dom.js';
import { count, percent } from './format.js';
import type { News, View } from './painter.js';
import { bytesOf, paintFilter, paintInk } from './pictures.js';
import type { RunModel } from './run-model.js';

/** Mistakes shown. */
const MAX_MISTAKES = 12;
/** Filters shown. */
const MAX_FILTERS = 64;

/** See the head of this file. */
export class PicturesView implements View {
  readonly shows: readonly News[] = ['pictures', 'state'];
  readonly #pick: (image: Uint8Array, name: string) => void;
  #shown: Pictures | null = null;

  /** @param pick is called with a digit that a person points at. */
  constructor(pick: (image: Uint8Array, name: string) => void) {
    this.#pick = pick;
  }

  paint(model: RunModel): void {
    const { pictures, facts } = model;
    if (pictures === null || facts === null) return;
    const { mistakes, version } = pictures;
    const none = byId('no-mistakes', HTMLElement);
    none.hidden = mistakes.length > 0;
    setText(none, whyNone(model, version));
    if (pictures === this.#shown) return;
    this.#shown = pictures;
    showFilters(pictures);
    setText(
      byId('mistakes-when', HTMLElement),
      mistakes.length > 0
        ? `the surest first, by version ${count(version)}; press one to ask again`
        : '',
    );
    byId('mistakes', HTMLElement).replaceChildren(
      ...mistakes
        .slice(0, MAX_MISTAKES)
        .map((mistake) => this.#card(mistake, facts)),
    );
  }

  #card(mistake: Mistake, { rows, columns }: RunFacts): Node {
    const { index, label, answer, probabilities } = mistake;
    const image = bytesOf(mistake.image);
    const canvas = make('canvas', { class: 'digit', 'aria-hidden': 'true' });
    paintInk(canvas, image, rows, columns);
    const sure = percent(probabilities[answer] ?? 0);
    const button = make(
      'button',
      {
        type: 'button',
        'aria-label': `Test image ${index}: a ${label}, taken for a ${answer} with ${sure}. Ask again.`,
      },
      canvas,
      make('span', { class: 'truth', text: `${label} taken for ${answer}` }),
    );
    button.addEventListener('click', () =>
      this.#pick(image, `test image ${count(index)}, a ${label}`),
    );
    const classes = ranked(probabilities).slice(0, 3);
    return make('li', {}, button, bars(probabilities, classes));
  }
}

/** @param version that there are pictures of. */
function whyNone({ epochs, state }: RunModel, version: number): string {
  const last = epochs.at(-1);
  if (last?.version === version && last.testAccuracy === 1) {
    return 'None: every test image is classified right.';
  }
  return state?.phase === 'ended'
    ? 'This run gives no pictures of its mistakes.'
    : 'None yet: they come with the next evaluation on the test images.';
}

function showFilters({ filters }: Pictures): void {
  const what = byId('filters-what', HTMLElement);
  const box = byId('filters', HTMLElement);
  if (filters === null) {
    box.replaceChildren();
    return setText(what, 'This network has no filters.');
  }
  const { rows, columns, count: number, values } = filters;
  setText(
    what,
    `${number} filters of ${rows}×${columns}: orange adds, blue takes away`,
  );
  const largest = values.reduce(
    (most, one) => Math.max(most, Math.abs(one)),
    0,
  );
  const shown = Array.from(
    { length: Math.min(number, MAX_FILTERS) },
    (_, k) => {
      const own = values.filter((_value, at) => at % number === k);
      const words = own.map((one) => one.toFixed(2)).join(', ');
      const canvas = make('canvas', {
        class: 'filter',
        role: 'img',
        'aria-label': `Filter ${k}: ${words}`,
      });
      paintFilter(canvas, own, rows, columns, largest);
      return canvas;
    },
  );
  box.replaceChildren(...shown);
}
