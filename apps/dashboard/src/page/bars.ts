/**
 * Probabilities as bars.
 */
import { make } from './dom.js';
import { percent } from './format.js';

/** The classes, the likeliest first; of equals the smaller one. */
export function ranked(probabilities: readonly number[]): number[] {
  return [...probabilities.keys()].sort(
    (a, b) => (probabilities[b] ?? 0) - (probabilities[a] ?? 0) || a - b,
  );
}

/**
 * A list with a bar a class, ascending.
 * @param classes those shown.
 */
export function bars(
  probabilities: readonly number[],
  classes: readonly number[],
): HTMLElement {
  const best = ranked(probabilities)[0];
  return make(
    'ol',
    { class: 'bars' },
    ...classes.map((one) => {
      const probability = probabilities[one] ?? 0;
      const fill = make('i');
      fill.style.width = `${100 * probability}%`;
      return make(
        'li',
        one === best ? { class: 'best' } : {},
        make('span', { class: 'class', text: String(one) }),
        make('span', { class: 'rail', 'aria-hidden': 'true' }, fill),
        make('span', { class: 'share', text: percent(probability) }),
      );
    }),
  );
}
