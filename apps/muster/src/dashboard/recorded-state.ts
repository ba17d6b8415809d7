/** Where a run stands by its files, as the live page wants it. Pure. */
import type { RunState } from '@muster/dashboard';
import { versionsPerEpoch } from '@muster/protocol';
import type { RunRecord } from '../report/run-record.js';
import type { RunState as ReportedState } from '../report/run-state.js';
import { recordedWorkers } from './recorded-workers.js';

const OUTCOMES = {
  finished: 'finished',
  stopped: 'drained',
  failed: 'failed',
} as const;

/**
 * Works it out.
 * @param reported how the run stands; one that may go on shows as running.
 */
export function recordedState(
  record: RunRecord,
  reported: Pick<ReportedState, 'word' | 'steps'>,
): RunState {
  const { definition, summary, metrics, logs } = record;
  const { word, steps } = reported;
  const isOver = word !== 'unfinished';
  const outcome = isOver ? OUTCOMES[word] : null;
  const last = metrics.steps.at(-1);
  const begun = steps > 0 ? 'running' : 'gathering';
  const hash = summary?.parametersSha256 ?? null;
  return {
    type: 'state',
    at: Math.max(last?.atMs ?? 0, logs.at(-1)?.atMs ?? 0),
    phase: isOver ? 'ended' : begun,
    outcome,
    step: steps,
    epoch: epochOf(definition, steps),
    imagesPerSecond: isOver ? 0 : Math.round(last?.imagesPerSecond ?? 0) || 0,
    etaSeconds: null,
    goodput: null,
    reproducible: summary?.reproducible ?? !hasOtherNumerics(logs),
    workers: recordedWorkers(record, isOver ? 'gone' : 'active'),
    leaves: [],
    parametersSha256: outcome === 'finished' ? hash : null,
  };
}

/** The epoch, from 1, that the version was made in. */
function epochOf(definition: RunRecord['definition'], version: number): number {
  const before = Math.max(0, version - 1);
  return Math.floor(before / versionsPerEpoch(definition)) + 1;
}

function hasOtherNumerics(logs: RunRecord['logs']): boolean {
  return logs.some(({ event }) => event === 'not-reproducible');
}
