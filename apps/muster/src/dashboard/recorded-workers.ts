/** The workers of a run as rows of the live page, by its files. Pure. */
import type { WorkerRow } from '@muster/dashboard';
import { numberIn } from '../report/json-lines.js';
import { fieldOf } from '../report/log-lines.js';
import type { LogLine } from '../report/log-lines.js';
import type { WorkerPhases } from '../report/metrics-lines.js';
import type { RunRecord } from '../report/run-record.js';

type Phases = WorkerRow['phasesMs'];

/** Where workers stand in whose logs nothing else is said. */
export type PresentState = Extract<WorkerRow['state'], 'active' | 'gone'>;

/**
 * Gives a row for each worker whose work is in `metrics.jsonl`, which tells
 * of it at the end of each epoch; milliseconds are means over the whole run.
 * @param present where those are that were not lost.
 */
export function recordedWorkers(
  { logs, metrics }: Pick<RunRecord, 'logs' | 'metrics'>,
  present: PresentState,
): WorkerRow[] {
  const paces = [...metrics.phases.values()].map(paceOf).sort((a, b) => a - b);
  const median = paces[(paces.length - 1) >> 1] ?? 0;
  return [...metrics.phases].map(([workerId, phases]): WorkerRow => {
    const told = logs.findLast(
      (line) =>
        line.event === 'worker-joined' &&
        fieldOf(line, 'workerId') === workerId,
    );
    const pace = paceOf(phases);
    return {
      workerId,
      incarnation: (told && numberIn(told.fields, 'incarnation')) || 0,
      state: present === 'gone' ? present : stateOf(workerId, logs),
      backend: told ? fieldOf(told, 'backend') : '',
      imagesPerSecond: 0,
      contributions: phases.tasks,
      phasesMs: meansOf(phases),
      straggling: median > 0 && pace > 0 ? pace / median : 1,
    };
  });
}

/** By the last that its coordinator says of it. */
function stateOf(
  workerId: string,
  logs: readonly LogLine[],
): WorkerRow['state'] {
  const last = logs.findLast(
    (line) =>
      /^worker-(joined|back|away)$/.test(line.event) &&
      fieldOf(line, 'workerId') === workerId,
  );
  if (last?.event !== 'worker-away') return 'active';
  return fieldOf(last, 'reason') === 'left' ? 'gone' : 'lost';
}

/** Milliseconds that an example takes it; 0 where it is not known. */
function paceOf({ examples, phasesMs }: WorkerPhases): number {
  if (examples === 0) return 0;
  const busy = ['data', 'compute', 'encode'];
  const sum = busy.reduce((ms, phase) => ms + (phasesMs[phase] ?? 0), 0);
  return sum / examples;
}

function meansOf({ tasks, phasesMs }: WorkerPhases): Phases {
  const of = (phase: string) =>
    tasks === 0 ? 0 : (phasesMs[phase] ?? 0) / tasks;
  return {
    ...{ wait: of('wait'), data: of('data'), compute: of('compute') },
    ...{ encode: of('encode'), push: of('push'), pull: of('pull') },
  };
}
