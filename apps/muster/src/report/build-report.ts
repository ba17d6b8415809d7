/**
 * From what is known of a run to its report.
 */
import {
  formatCount,
  formatDuration,
  formatLoss,
  formatNumberOf,
  formatPercent,
} from '../view/figures.js';
import { ActiveTime } from './active-time.js';
import type { Block, ReportDocument, Section, Tile } from './document.js';
import { recoveriesOf } from './recoveries.js';
import type { Recovery } from './recoveries.js';
import type { RunRecord } from './run-record.js';
import { stateOf } from './run-state.js';
import type { RunState } from './run-state.js';
import { curvesSection } from './sections/curves.js';
import { faultsSection } from './sections/faults.js';
import {
  checkpointsSection,
  configurationSection,
  environmentSection,
  reproduceSection,
} from './sections/setup.js';
import { testSection } from './sections/test-set.js';
import type { Evaluation } from './sections/test-set.js';
import { workSection } from './sections/work.js';

/** A report, and what of it programs want. */
export interface Report {
  readonly document: ReportDocument;
  readonly state: RunState;
  readonly recoveries: readonly Recovery[];
}

/**
 * Puts a report together.
 * @param evaluation of the test set, or a sentence that says why there is none.
 * @param now when it is made.
 */
export function buildReport(
  record: RunRecord,
  evaluation: Evaluation | string,
  now: Date,
): Report {
  const { logs, metrics, definition } = record;
  const state = stateOf(record);
  const recoveries = recoveriesOf(logs, metrics);
  const time = new ActiveTime([
    ...logs.map(({ atMs }) => atMs),
    ...metrics.steps.map(({ atMs }) => atMs),
  ]);
  const document: ReportDocument = {
    title: `Run ${definition.runId}`,
    tiles: tilesOf(record, state, recoveries),
    sections: [
      stateSection(record, state),
      curvesSection(metrics, recoveries),
      workSection(metrics, recoveries, time),
      faultsSection(record, recoveries, time),
      testSection(evaluation),
      checkpointsSection(record),
      configurationSection(record),
      environmentSection(record),
      reproduceSection(record),
    ],
    foot: `Made by muster report, ${now.toISOString().slice(0, 16).replace('T', ' ')} UTC, of ${record.path}`,
  };
  return { document, state, recoveries };
}

function stateSection({ problems }: RunRecord, state: RunState): Section {
  const moods = { finished: 'good', failed: 'bad' } as const;
  const mood =
    state.word === 'finished' || state.word === 'failed'
      ? moods[state.word]
      : 'info';
  const notes = problems.map(
    (text): Block => ({ kind: 'note', mood: 'bad', text }),
  );
  return {
    heading: '',
    blocks: [{ kind: 'note', mood, text: state.text }, ...notes],
  };
}

function tilesOf(
  { summary, metrics, definition }: RunRecord,
  state: RunState,
  recoveries: readonly Recovery[],
): Tile[] {
  const last = metrics.epochs.at(-1);
  const newest = metrics.steps.at(-1);
  const isEnded = state.word === 'finished' || state.word === 'stopped';
  const ended = isEnded ? summary : undefined;
  const seconds = ended?.trainSeconds ?? (last && last.trainMs / 1000);
  const rate = ended?.imagesPerSecond ?? newest?.imagesPerSecond;
  const longest = Math.max(0, ...recoveries.map((one) => one.seconds ?? 0));
  return [
    {
      name: 'test accuracy',
      value: last === undefined ? '-' : formatPercent(last.testAccuracy),
      detail: last && `loss ${formatLoss(last.testLoss)}`,
    },
    {
      name: 'steps',
      value: formatCount(state.steps),
      detail: `${metrics.epochs.length} of ${formatNumberOf(definition.epochs, 'epoch')}`,
    },
    {
      name: 'training time',
      value: seconds === undefined ? '-' : formatDuration(seconds),
    },
    {
      name: 'images a second',
      value: rate === undefined ? '-' : formatCount(rate),
      detail: ended && formatNumberOf(ended.workers, 'worker'),
    },
    {
      name: 'processes lost',
      value: String(recoveries.length),
      detail:
        recoveries.length === 0
          ? undefined
          : `longest recovery ${longest.toFixed(2)} s`,
    },
    {
      name: 'SHA-256',
      value: ended?.parametersSha256.slice(0, 12) ?? '-',
      detail:
        ended === undefined
          ? undefined
          : ended.reproducible
            ? 'reproducible'
            : 'not reproducible',
    },
  ];
}
