/**
 * When workers were away, and which fault was why. Pure. All times in epoch
 * milliseconds.
 */
import { isServer } from './fault.js';
import type { FaultRecord } from './fault.js';
import type { LogLine } from './log-lines.js';

/** A time in which a worker could not work. */
export interface Absence {
  readonly worker: string;
  /** Its SIGKILL, or its first `disconnected`. */
  readonly fromMs: number;
  /** Its last `process-started`, when there was one. */
  readonly startedMs?: number;
  /** Its next `working`; undefined when the logs do not tell of one. */
  readonly toMs?: number;
  /** Its last SIGKILL, when there was one. */
  readonly kill?: FaultRecord;
}

/**
 * How long after a fault had passed it can still be the reason of a
 * disconnection: who was cut off in silence notices by a heartbeat.
 */
const NOTICE_MS = 3000;

/** Finds the absences of all workers, in no particular order. */
export function absencesOf(
  lines: readonly LogLine[],
  faults: readonly FaultRecord[],
): Absence[] {
  const kills = faults.filter(({ kind }) => kind === 'kill');
  const workers = new Set(
    lines.map(({ process }) => process).filter((one) => /^worker-/.test(one)),
  );
  return [...workers].flatMap((worker) => {
    const moments = [
      ...lines.filter(({ process }) => process === worker),
      ...kills.filter(({ target }) => target === worker),
    ];
    return absencesOfOne(
      worker,
      moments.sort((a, b) => timeOf(a) - timeOf(b)),
    );
  });
}

type Moment = LogLine | FaultRecord;

function timeOf(moment: Moment): number {
  return 'event' in moment ? moment.atMs : moment.fromMs;
}

function absencesOfOne(worker: string, moments: readonly Moment[]): Absence[] {
  const found: Absence[] = [];
  let open: Absence | undefined;
  for (const moment of moments) {
    if (!('event' in moment)) {
      open = { worker, fromMs: open?.fromMs ?? moment.fromMs, kill: moment };
    } else if (moment.event === 'disconnected') {
      open ??= { worker, fromMs: moment.atMs };
    } else if (moment.event === 'process-started') {
      if (open !== undefined) open = { ...open, startedMs: moment.atMs };
    } else if (moment.event === 'stopped') {
      open = undefined;
    } else if (moment.event === 'working' && open !== undefined) {
      found.push({ ...open, toMs: moment.atMs });
      open = undefined;
    }
  }
  return open === undefined ? found : [...found, open];
}

/**
 * The fault that an absence is due to: the worker's SIGKILL, or else the last
 * fault on the worker or on a server that had begun by then and had not
 * passed long before. Undefined when there is none.
 */
export function causeOf(
  { worker, fromMs, kill }: Absence,
  faults: readonly FaultRecord[],
): FaultRecord | undefined {
  if (kill !== undefined) return kill;
  return faults
    .filter(({ target }) => target === worker || isServer(target))
    .filter((one) => one.fromMs <= fromMs && one.toMs + NOTICE_MS >= fromMs)
    .reduce<FaultRecord | undefined>(
      (last, one) => (last && last.fromMs > one.fromMs ? last : one),
      undefined,
    );
}
