/**
 * The part of a report about faults: who was lost when, and how long it took
 * to make it good.
 */
import {
  formatClock,
  formatCount,
  formatDuration,
} from '../../view/figures.js';
import type { ActiveTime } from '../active-time.js';
import { drawTimeline } from '../chart/timeline-chart.js';
import { tightAxis } from '../chart/ticks.js';
import type { Block, Section } from '../document.js';
import type { Recovery } from '../recoveries.js';
import type { RunRecord } from '../run-record.js';
import { timelineRows } from '../timeline-rows.js';

/** Makes the section. */
export function faultsSection(
  record: RunRecord,
  recoveries: readonly Recovery[],
  time: ActiveTime,
): Section {
  return {
    heading: 'Faults and recoveries',
    blocks: [
      { kind: 'text', text: headline(recoveries) },
      ...(record.logs.length === 0 ? [] : [timeline(record, recoveries, time)]),
      ...(recoveries.length === 0 ? [] : [tableOf(recoveries, time)]),
      ...otherWarnings(record),
    ],
  };
}

function headline(recoveries: readonly Recovery[]): string {
  if (recoveries.length === 0) return 'No process was lost.';
  const open = recoveries.filter(({ seconds }) => seconds === undefined);
  const count = recoveries.length;
  const lost =
    count === 1 ? '1 process was lost' : `${count} processes were lost`;
  const back =
    open.length === 0
      ? 'each was made good'
      : `${open.map(({ process }) => process).join(', ')} did not come back`;
  return `${lost}; ${back}.`;
}

function timeline(
  record: RunRecord,
  recoveries: readonly Recovery[],
  time: ActiveTime,
): Block {
  const epochs = record.logs.filter(({ event }) => event === 'epoch');
  const { rows, numMore } = timelineRows(record.logs, recoveries, time);
  const more = numMore === 0 ? '' : ` ${numMore} more processes are not shown.`;
  return {
    kind: 'chart',
    svg: drawTimeline({
      xAxis: tightAxis(0, time.total),
      formatX: formatDuration,
      rows,
      epochs: epochs.map(({ atMs }) => time.at(atMs)),
      cuts: time.cuts.map(({ at, pauseSeconds }) => {
        return { at, text: `a pause of ${formatDuration(pauseSeconds)}` };
      }),
    }),
    caption: `When each process was there (blue), from its loss until it was made good (red), and when its checkpoints were down (green). Lines: ends of epochs.${more}`,
    texts: [],
  };
}

function tableOf(recoveries: readonly Recovery[], time: ActiveTime): Block {
  return {
    kind: 'table',
    heads: [
      ...['at', 'process', 'what', 'recovered after', 'next step after'],
      ...['tasks for others', 'steps redone', 'redone after'],
    ],
    rows: recoveries.map((one) => [
      ...[formatClock(Math.floor(time.at(one.atMs))), one.process, one.what],
      secondsText(one.seconds, 'not recovered'),
      secondsText(one.stallSeconds, ''),
      one.kind === 'worker' ? formatCount(one.releasedTasks) : '',
      one.kind === 'server' ? formatCount(one.stepsRedone) : '',
      secondsText(one.redoneSeconds, ''),
    ]),
  };
}

function secondsText(seconds: number | undefined, none: string): string {
  if (seconds === undefined) return none;
  return seconds < 10 ? `${seconds.toFixed(2)} s` : formatDuration(seconds);
}

/** What else the servers complained of, counted. */
function otherWarnings({ logs }: RunRecord): Block[] {
  const counted: Readonly<Record<string, string>> = {
    'checkpoint-failed': 'Checkpoints that could not be written',
    'task-failed': 'Tasks that failed in a worker',
    'worker-refused': 'Workers that were refused',
    'connection-refused': 'Connections that were refused',
  };
  const rows = Object.entries(counted).flatMap(([event, text]) => {
    const count = logs.filter((one) => one.event === event).length;
    return count === 0 ? [] : [[text, formatCount(count)] as const];
  });
  return rows.length === 0 ? [] : [{ kind: 'table', heads: [], rows }];
}
