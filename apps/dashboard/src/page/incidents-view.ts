/**
 * Faults and recoveries: on a time line, and as a list.
 */
import type { Incident, IncidentKind } from '../feed.js';
import { byId, make, setText } from './dom.js';
import { clock, count, counted, duration } from './format.js';
import { paintLanes } from './lanes-view.js';
import type { News, View } from './painter.js';
import type { RunModel } from './run-model.js';

/** Entries of the list, the newest. */
const MAX_SHOWN = 200;

/** How grave it is; the style sheet knows these. */
const TONES: Readonly<Record<IncidentKind, 'good' | 'watch' | 'bad' | 'none'>> =
  {
    'worker-joined': 'none',
    'worker-lost': 'bad',
    'worker-back': 'good',
    'worker-left': 'none',
    'worker-refused': 'watch',
    'server-lost': 'bad',
    'server-back': 'good',
    'task-failed': 'watch',
    'not-reproducible': 'watch',
    checkpoint: 'none',
    'checkpoint-failed': 'bad',
  };

/** See the head of this file. */
export class IncidentsView implements View {
  readonly shows: readonly News[] = ['incident', 'state'];
  readonly #list = byId('incidents', HTMLElement);
  /** What the list shows. */
  #newest: Incident | null = null;

  paint({ incidents, state }: RunModel): void {
    const start = incidents[0]?.at ?? state?.at ?? 0;
    paintLanes(incidents, start, Math.max(state?.at ?? 0, start + 1_000));
    const newest = incidents.at(-1) ?? null;
    if (newest === this.#newest) return;
    this.#newest = newest;
    const lost = incidents.filter(({ kind }) => TONES[kind] === 'bad').length;
    setText(
      byId('incidents-count', HTMLElement),
      lost === 0 ? 'no fault so far' : counted(lost, 'fault'),
    );
    this.#list.replaceChildren(
      ...incidents.slice(-MAX_SHOWN).reverse().map(entry),
    );
  }
}

function entry({ at, step, kind, subject, text, seconds }: Incident): Node {
  const took = seconds === null ? '' : `recovered in ${duration(seconds)}`;
  return make(
    'li',
    { 'data-tone': TONES[kind] ?? 'none' },
    make('time', { text: clock(at), datetime: new Date(at).toISOString() }),
    make('span', { class: 'kind', text: words(kind) }),
    make('span', { class: 'subject', text: subject }),
    make('span', { class: 'what', text }),
    make('span', { class: 'took', text: took }),
    make('span', { class: 'quiet step', text: `step ${count(step)}` }),
  );
}

/** `worker-lost` as `worker lost`. */
function words(kind: string): string {
  return kind.replaceAll('-', ' ');
}
