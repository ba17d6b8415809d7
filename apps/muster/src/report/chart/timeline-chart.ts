/**
 * Who was there when: a row a process, over the run's time.
 */
import { markup } from '../markup.js';
import type { Html } from '../markup.js';
import { box, drawing, line, pixels, words } from './svg.js';
import { shareOf } from './ticks.js';
import type { Axis } from './ticks.js';

/** A stretch of time, in seconds. */
export interface Span {
  readonly from: number;
  readonly to: number;
  /** Is shown when it is pointed at. */
  readonly title: string;
  /** Is written beside it. */
  readonly text?: string | undefined;
}

/** One process. */
export interface TimelineRow {
  readonly name: string;
  /** When it was there. */
  readonly up: readonly Span[];
  /** From its loss until it was made good. */
  readonly lost: readonly Span[];
  /** When its checkpoints were down, in seconds. */
  readonly checkpoints: readonly number[];
}

/** What is drawn. */
export interface Timeline {
  readonly xAxis: Axis;
  readonly formatX: (seconds: number) => string;
  readonly rows: readonly TimelineRow[];
  /** Ends of epochs, in seconds. */
  readonly epochs: readonly number[];
  readonly cuts: readonly { readonly at: number; readonly text: string }[];
}

const WIDTH = 760;
const [LEFT, RIGHT, TOP] = [96, 728, 14];
const ROW = 26;

/** Draws it. */
export function drawTimeline(timeline: Timeline): Html {
  const bottom = TOP + timeline.rows.length * ROW;
  const x = (seconds: number) =>
    LEFT + shareOf(timeline.xAxis, seconds) * (RIGHT - LEFT);
  const label = 'when each process was there, and when it was lost';
  return drawing(
    label,
    [WIDTH, bottom + 40],
    [
      ...timeline.epochs.map((at) =>
        line([x(at), TOP], [x(at), bottom], 'epoch'),
      ),
      ...timeline.cuts.map(({ at, text }) =>
        box(
          { left: x(at) - 4, right: x(at) + 4, top: TOP, bottom },
          'cut',
          text,
        ),
      ),
      ...timeline.rows.flatMap((row, i) => drawRow(row, TOP + i * ROW, x)),
      ...foot(timeline, bottom, x),
    ],
  );
}

function drawRow(
  { name, up, lost, checkpoints }: TimelineRow,
  top: number,
  x: (seconds: number) => number,
): Html[] {
  const [high, low] = [top + 6, top + ROW - 6];
  const spanOf = ({ from, to, title }: Span, kind: string) =>
    box({ left: x(from), right: x(to), top: high, bottom: low }, kind, title);
  return [
    words([LEFT - 10, low - 2], name, 'end'),
    ...up.map((span) => spanOf(span, 'up')),
    ...checkpoints.map((at) =>
      line([x(at), high - 2], [x(at), low + 2], 'checkpoint'),
    ),
    ...lost.map((span) => spanOf(span, 'lost')),
    ...lost.map((span) => besides(span, low - 2, x)),
  ];
}

/** The words beside a span, on the side where there is room. */
function besides(
  { from, to, text = '' }: Span,
  y: number,
  x: (seconds: number) => number,
): Html {
  const isRoom = x(to) + 7 * text.length < RIGHT;
  return isRoom
    ? words([x(to) + 4, y], text, 'start', 'bad')
    : words([x(from) - 4, y], text, 'end', 'bad');
}

function foot(
  { xAxis, formatX }: Timeline,
  bottom: number,
  x: (seconds: number) => number,
): Html[] {
  const ticks = xAxis.ticks.map(
    (tick) =>
      markup`<g>${line([x(tick), bottom], [x(tick), bottom + 4], 'axis')}${words([pixels(x(tick)), bottom + 17], formatX(tick))}</g>`,
  );
  const title = words(
    [(LEFT + RIGHT) / 2, bottom + 34],
    'time since the start',
    'middle',
    'dim',
  );
  return [line([LEFT, bottom], [RIGHT, bottom], 'grid'), ...ticks, title];
}
