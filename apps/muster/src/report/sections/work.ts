/**
 * The part of a report about speed: throughput over time, and where the
 * workers' time went.
 */
import { formatCount, formatDuration } from '../../view/figures.js';
import type { ActiveTime } from '../active-time.js';
import { drawLineChart } from '../chart/line-chart.js';
import type { Mark } from '../chart/line-chart.js';
import { drawShareBars } from '../chart/share-bars.js';
import { sparkline } from '../chart/sparkline.js';
import type { Point } from '../chart/thin.js';
import { linearAxis, tightAxis } from '../chart/ticks.js';
import type { Block, Section } from '../document.js';
import type { MetricsLines, StepLine, WorkerPhases } from '../metrics-lines.js';
import type { Recovery } from '../recoveries.js';

/** Phases in the order of a task, and what they are. */
const PHASES: Readonly<Record<string, string>> = {
  wait: 'waiting for a task',
  data: 'preparing data',
  compute: 'computing',
  encode: 'encoding',
  push: 'pushing',
  pull: 'waiting for parameters',
};
/** Bars in the diagram; the table has all. */
const MOST_BARS = 32;
/** A standstill breaks the curve. */
const STANDSTILL_MS = 2000;

/** Makes the section. */
export function workSection(
  { steps, phases }: MetricsLines,
  recoveries: readonly Recovery[],
  time: ActiveTime,
): Section {
  const timed = steps.filter(({ atMs }) => Number.isFinite(atMs));
  const throughput =
    timed.length < 2 ? [] : [throughputChart(timed, recoveries, time)];
  const blocks = [...throughput, ...phaseBlocks(phases)];
  const none: Block = {
    kind: 'text',
    text: 'The run has not recorded when its steps were applied.',
  };
  return {
    heading: 'Throughput and phases',
    blocks: blocks.length === 0 ? [none] : blocks,
  };
}

function throughputChart(
  steps: readonly StepLine[],
  recoveries: readonly Recovery[],
  time: ActiveTime,
): Block {
  const points = steps.flatMap((one, i): Point[] => {
    const point: Point = [time.at(one.atMs), one.imagesPerSecond];
    const lastMs = steps[i - 1]?.atMs ?? one.atMs;
    const isBroken = one.atMs - lastMs > STANDSTILL_MS;
    return isBroken ? [[point[0], Number.NaN], point] : [point];
  });
  const marks = recoveries.map(({ atMs, process, what }): Mark => {
    return { x: time.at(atMs), kind: 'fault', text: `${process} ${what}` };
  });
  const most = Math.max(...steps.map(({ imagesPerSecond }) => imagesPerSecond));
  const svg = drawLineChart({
    label: 'images a second over time',
    xAxis: tightAxis(0, time.total),
    yAxis: linearAxis(0, most || 1),
    xTitle: 'time since the start',
    yTitle: 'images/s',
    formatX: formatDuration,
    formatY: formatCount,
    curves: [{ name: 'throughput', look: 'line', color: 2, points }],
    marks,
  });
  const caption =
    'Images a second, mean over the last few seconds. Triangles: faults.';
  const rates = steps.map(({ imagesPerSecond }) => imagesPerSecond);
  const text = `images a second: ${sparkline(rates)} at most ${formatCount(most)}`;
  return { kind: 'chart', svg, caption, texts: [text] };
}

function phaseBlocks(phases: ReadonlyMap<string, WorkerPhases>): Block[] {
  if (phases.size === 0) return [];
  const workers = [...phases].sort(([a], [b]) =>
    a.localeCompare(b, 'en', { numeric: true }),
  );
  const found = new Set(
    workers.flatMap(([, { phasesMs }]) => Object.keys(phasesMs)),
  );
  const known = Object.keys(PHASES).filter((phase) => found.has(phase));
  const names = [...new Set([...known, ...found])];
  const words = names.map((name) => PHASES[name] ?? name);
  const bars = workers.slice(0, MOST_BARS).map(([name, { phasesMs }]) => ({
    name,
    values: names.map((phase) => phasesMs[phase] ?? 0),
  }));
  return [
    {
      kind: 'chart',
      svg: drawShareBars("each worker's time by phase", words, bars),
      caption: "Each worker's time by phase, over the whole run.",
      texts: [],
    },
    { kind: 'text', text: 'Milliseconds a task, by phase:' },
    phaseTable(workers, names, words),
  ];
}

function phaseTable(
  workers: readonly (readonly [string, WorkerPhases])[],
  names: readonly string[],
  words: readonly string[],
): Block {
  return {
    kind: 'table',
    heads: ['worker', 'tasks', 'images', ...words],
    rows: workers.map(([name, { tasks, examples, phasesMs }]) => [
      ...[name, formatCount(tasks), formatCount(examples)],
      ...names.map((phase) =>
        tasks === 0 ? '' : ((phasesMs[phase] ?? 0) / tasks).toFixed(2),
      ),
    ]),
  };
}
