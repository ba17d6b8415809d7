/**
 * The time line: a lane a process, with the gaps in which it was away.
 */
import type { Incident } from '../feed.js';
import { byId, make } from './dom.js';
import { clock, duration } from './format.js';
import { lanes } from './presence.js';
import type { Lane, Stretch } from './presence.js';

/** Lanes shown; those with gaps and marks come before others. */
const MAX_LANES = 12;
/** Marks shown in a lane, the newest. */
const MAX_MARKS = 60;

/** Paints the time line from `start` to `now`, Unix time in milliseconds. */
export function paintLanes(
  incidents: readonly Incident[],
  start: number,
  now: number,
): void {
  const all = lanes(incidents, start, now);
  const shown = chosen(all);
  const place = (at: number) => `${(100 * (at - start)) / (now - start)}%`;
  const isLate = (at: number) => at - start > 0.8 * (now - start);
  const left = all.length - shown.length;
  byId('lanes', HTMLElement).replaceChildren(
    ...shown.map((lane) => laneRow(lane, place, isLate)),
    ...(all.length > 0 ? [axisRow(start, now)] : []),
    ...(left > 0
      ? [make('p', { class: 'quiet', text: `and ${left} more without faults` })]
      : []),
  );
}

/** The most troubled ones where there are too many, in their order. */
function chosen(all: readonly Lane[]): readonly Lane[] {
  if (all.length <= MAX_LANES) return all;
  const trouble = ({ stretches, marks }: Lane) =>
    marks.length +
    10 * stretches.filter(({ kind }) => kind === 'absent').length;
  const worst = [...all]
    .sort((a, b) => trouble(b) - trouble(a))
    .slice(0, MAX_LANES);
  return all.filter((lane) => worst.includes(lane));
}

function laneRow(
  lane: Lane,
  place: (at: number) => string,
  isLate: (at: number) => boolean,
): Node {
  const track = make('div', {
    class: 'lane-track',
    role: 'img',
    'aria-label': laneInWords(lane),
  });
  for (const stretch of lane.stretches) {
    const bar = make('i', { class: stretch.kind, title: inWords(stretch) });
    bar.style.left = place(stretch.from);
    bar.style.right = `calc(100% - ${place(stretch.to)})`;
    track.append(bar);
    if (stretch.seconds === null) continue;
    const label = make('b', { text: duration(stretch.seconds) });
    // at the right end there is no room behind it
    if (isLate(stretch.to)) {
      label.style.right = `calc(100% - ${place(stretch.from)})`;
    } else label.style.left = place(stretch.to);
    track.append(label);
  }
  for (const { at, kind, text } of lane.marks.slice(-MAX_MARKS)) {
    const mark = make('u', { class: kind, title: text });
    mark.style.left = place(at);
    track.append(mark);
  }
  const name = make('span', { class: 'lane-name', text: lane.subject });
  return make('div', { class: 'lane' }, name, track);
}

function axisRow(start: number, now: number): Node {
  return make(
    'div',
    { class: 'lane lane-axis quiet', 'aria-hidden': 'true' },
    make('span'),
    make(
      'div',
      {},
      make('span', { text: clock(start) }),
      make('span', { text: clock((start + now) / 2) }),
      make('span', { text: clock(now) }),
    ),
  );
}

function inWords({ kind, from, to, seconds }: Stretch): string {
  const word = kind === 'present' ? 'there' : 'away';
  const took = seconds === null ? '' : `, recovered in ${duration(seconds)}`;
  return `${word} from ${clock(from)} to ${clock(to)}${took}`;
}

function laneInWords({ subject, stretches, marks }: Lane): string {
  const parts = stretches.map(inWords);
  const more = marks.length > 0 ? [`${marks.length} marks`] : [];
  return `${subject}: ${[...parts, ...more].join('; ') || 'nothing'}`;
}
