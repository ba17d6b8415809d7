/**
 * What the logs of a run hold for a time line: the same incidents that its
 * coordinator told open pages of while they happened. Pure.
 */
import type { Incident, IncidentKind } from '@muster/dashboard';
import { processOf } from '../logs/run-logs.js';
import { fieldOf } from '../report/log-lines.js';
import type { LogLine } from '../report/log-lines.js';
import { recoveriesOf } from '../report/recoveries.js';
import type { Recovery } from '../report/recoveries.js';
import type { RunRecord } from '../report/run-record.js';

const MAX_TEXT = 300;

/** An incident without its step. */
type Story = Omit<Incident, 'type' | 'step'> & {
  /** As the line says it. */
  readonly step?: number;
};

/** Finds them, in the order of time. */
export function incidentsOf({
  logs,
  metrics,
}: Pick<RunRecord, 'logs' | 'metrics'>): Incident[] {
  const joined = new Set<string>();
  const stories = [
    ...logs.flatMap((line) => storiesOf(line, joined)),
    ...recoveriesOf(logs, metrics).flatMap(lossAndReturn),
  ];
  return stories
    .sort((a, b) => a.at - b.at)
    .map((story) => ({
      ...story,
      type: 'incident',
      step: story.step ?? stepAt(story.at, metrics.steps),
      text: story.text.slice(0, MAX_TEXT),
    }));
}

/** @param joined workers that were there before; those who join are added. */
function storiesOf(line: LogLine, joined: Set<string>): Story[] {
  const workerId = fieldOf(line, 'workerId');
  const message = fieldOf(line, 'message');
  const of = (kind: IncidentKind, text: string) => [
    { at: line.atMs, kind, subject: workerId, text, seconds: null },
  ];
  switch (line.event) {
    case 'worker-joined': {
      // one that comes back is told by its recovery
      if (joined.has(workerId)) return [];
      joined.add(workerId);
      return of(line.event, `joined with ${fieldOf(line, 'backend')}`);
    }
    case 'worker-away': {
      if (fieldOf(line, 'reason') !== 'left') return [];
      return of('worker-left', message);
    }
    case 'worker-refused':
    case 'task-failed':
      return of(line.event, `${message} (${fieldOf(line, 'code')})`);
    case 'not-reproducible':
      return of(
        line.event,
        'computes with other numerics: these bits cannot be had again',
      );
    case 'checkpoint':
    case 'checkpoint-failed':
      return [checkpointStory(line, line.event)];
    default:
      return [];
  }
}

function checkpointStory(
  line: LogLine,
  kind: 'checkpoint' | 'checkpoint-failed',
): Story {
  const step = Number(fieldOf(line, 'step'));
  const seconds = Number(fieldOf(line, 'seconds')).toFixed(2);
  const text =
    kind === 'checkpoint'
      ? `wrote step ${step} in ${seconds} s`
      : `no checkpoint of step ${step}: ${fieldOf(line, 'message')}`;
  const subject = processOf(line.process);
  return { at: line.atMs, step, kind, subject, text, seconds: null };
}

function lossAndReturn(recovery: Recovery): Story[] {
  const { kind, atMs, backMs, seconds, what, releasedTasks } = recovery;
  const subject = processOf(recovery.process);
  const isWorker = kind === 'worker';
  const others = isWorker
    ? `${releasedTasks} of its tasks go to others`
    : 'training waits for it';
  const text = `${what}; ${others}`;
  const lost = { at: atMs, kind: `${kind}-lost` as const, subject, text };
  if (backMs === undefined) return [{ ...lost, seconds: null }];
  const { stepsRedone } = recovery;
  const again = stepsRedone > 0 ? `, ${stepsRedone} steps are done again` : '';
  const back = isWorker ? 'works again' : `training goes on${again}`;
  return [
    { ...lost, seconds: null },
    {
      ...{ at: backMs, kind: `${kind}-back` as const, subject, text: back },
      seconds: seconds ?? null,
    },
  ];
}

/** The newest step that was applied by then. */
function stepAt(atMs: number, steps: RunRecord['metrics']['steps']): number {
  return steps.findLast((one) => one.atMs <= atMs)?.step ?? 0;
}
