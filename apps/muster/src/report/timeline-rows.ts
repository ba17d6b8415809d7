/**
 * From logs to the rows of a time line. Pure.
 */
import { formatDuration } from '../view/figures.js';
import type { ActiveTime } from './active-time.js';
import type { Span, TimelineRow } from './chart/timeline-chart.js';
import { kindOf } from './log-lines.js';
import type { LogLine } from './log-lines.js';
import type { Recovery } from './recoveries.js';

/** Rows in a diagram; those who were lost come first. */
const MOST_ROWS = 24;

/** Works them out: servers first, then workers. */
export function timelineRows(
  logs: readonly LogLine[],
  recoveries: readonly Recovery[],
  time: ActiveTime,
): { rows: TimelineRow[]; numMore: number } {
  const names = new Set([
    ...logs.map(({ process }) => process),
    ...recoveries.map(({ process }) => process),
  ]);
  const processes = [...names].filter((name) => kindOf(name) !== 'launcher');
  const wasLost = (name: string) =>
    Number(recoveries.some(({ process }) => process === name));
  const shown = processes
    .sort((a, b) => wasLost(b) - wasLost(a) || inOrder(a, b))
    .slice(0, MOST_ROWS)
    .sort(inOrder);
  return {
    rows: shown.map((name) => rowOf(name, { logs, recoveries, time })),
    numMore: processes.length - shown.length,
  };
}

function inOrder(a: string, b: string): number {
  const rank = (name: string) => Number(kindOf(name) !== 'server');
  return rank(a) - rank(b) || a.localeCompare(b, 'en', { numeric: true });
}

interface Story {
  readonly logs: readonly LogLine[];
  readonly recoveries: readonly Recovery[];
  readonly time: ActiveTime;
}

function rowOf(name: string, { logs, recoveries, time }: Story): TimelineRow {
  const own = logs.filter(({ process }) => process === name);
  const losses = recoveries.filter(({ process }) => process === name);
  const endMs = logs.at(-1)?.atMs ?? 0;
  return {
    name,
    up: livesOf(own, losses, endMs).map(([from, to]): Span => {
      const lived = formatDuration((to - from) / 1000);
      const title = `${name} was there for ${lived}`;
      return { from: time.at(from), to: time.at(to), title };
    }),
    lost: losses.map((one): Span => {
      const text = one.seconds === undefined ? 'lost' : shortText(one.seconds);
      return {
        ...{ from: time.at(one.atMs), to: time.at(one.backMs ?? endMs), text },
        title: `${name} ${one.what}: ${text}`,
      };
    }),
    checkpoints: own
      .filter(({ event }) => event === 'checkpoint')
      .map(({ atMs }) => time.at(atMs)),
  };
}

/** From each start to the loss or the end that followed. */
function livesOf(
  own: readonly LogLine[],
  losses: readonly Recovery[],
  endMs: number,
): [from: number, to: number][] {
  const starts = own.filter(({ event }) => event === 'process-started');
  return starts.map(({ atMs }, i) => {
    const ends = [
      starts[i + 1]?.atMs,
      losses.find((one) => one.atMs > atMs)?.atMs,
      own.find(
        (one) =>
          one.atMs > atMs && (one.event === 'ended' || one.event === 'stopped'),
      )?.atMs,
    ];
    return [atMs, Math.min(endMs, ...ends.filter((ms) => ms !== undefined))];
  });
}

function shortText(seconds: number): string {
  return seconds < 10 ? `${seconds.toFixed(2)} s` : formatDuration(seconds);
}
