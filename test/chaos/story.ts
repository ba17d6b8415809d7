/**
 * What befell the processes of a run, kill by kill and absence by absence.
 * Pure. All times in epoch milliseconds.
 */
import { absencesOf, causeOf } from './absences.js';
import type { Absence } from './absences.js';
import { isServer } from './fault.js';
import type { FaultRecord } from './fault.js';
import type { LogLine } from './log-lines.js';

/** One recovery. */
export interface Recovery {
  readonly process: string;
  readonly cause: FaultRecord;
  readonly seconds: number;
  /** Whether another fault that concerns the process came in its way. */
  readonly isOverlapped: boolean;
}

/** `elsewhere`: it is counted in another list, or in none. */
export type Found = Recovery | 'unfinished' | 'elsewhere';

/** What is looked for again and again, in logs of many lines. */
const LANDMARKS = ['process-started', 'training-resumed'];

/** Lines and faults, and how they belong together. */
export class Story {
  readonly faults: readonly FaultRecord[];
  readonly absences: readonly Absence[];
  readonly #lines: readonly LogLine[];

  constructor(lines: readonly LogLine[], faults: readonly FaultRecord[]) {
    this.#lines = lines.filter(({ event }) => LANDMARKS.includes(event));
    this.faults = faults.filter(({ isDone }) => isDone);
    this.absences = absencesOf(lines, this.faults);
  }

  /** From SIGKILL to the end of library loading. */
  start(kill: FaultRecord): Found {
    const line = this.#startOf(kill);
    if (line === undefined) return 'unfinished';
    return this.#recovery(kill.target, kill, kill.fromMs, line.atMs);
  }

  /** From a server's start to the resumption of training. */
  restart(kill: FaultRecord): Found {
    if (this.#takeoverOf(kill) !== undefined) return 'elsewhere';
    const start = this.#startOf(kill);
    const resumed = start && this.#resumed(start.atMs);
    if (resumed === undefined) return 'unfinished';
    return this.#recovery(kill.target, kill, start?.atMs ?? 0, resumed.atMs);
  }

  /** From SIGKILL to a standby's resumption of training. */
  takeover(kill: FaultRecord): Found {
    const line = this.#takeoverOf(kill);
    if (line === undefined) return 'elsewhere';
    return this.#recovery(line.process, kill, kill.fromMs, line.atMs);
  }

  /** From the end of what kept a worker away until it works. */
  rejoin(absence: Absence): Found {
    const { worker, fromMs, startedMs, toMs } = absence;
    const cause = causeOf(absence, this.faults);
    if (cause === undefined) return 'elsewhere';
    if (cause.kind === 'kill' && isServer(cause.target)) return 'elsewhere';
    if (toMs === undefined) return 'unfinished';
    if (cause.kind === 'kill') {
      if (startedMs === undefined) return 'unfinished';
      return this.#recovery(worker, cause, startedMs, toMs);
    }
    // back before the fault had passed: it was in nobody's way
    const end = cause.toMs > toMs ? fromMs : Math.max(fromMs, cause.toMs);
    return this.#recovery(worker, cause, end, toMs);
  }

  #recovery(
    process: string,
    cause: FaultRecord,
    fromMs: number,
    toMs: number,
  ): Recovery {
    const isOverlapped = this.faults.some(
      (fault) =>
        fault !== cause &&
        (fault.target === process || isServer(fault.target)) &&
        fault.fromMs <= toMs &&
        this.#passedMs(fault) >= fromMs,
    );
    return { process, cause, seconds: (toMs - fromMs) / 1000, isOverlapped };
  }

  /** A killed server has passed when training goes on. */
  #passedMs(fault: FaultRecord): number {
    const isDown = fault.kind === 'kill' && isServer(fault.target);
    if (!isDown) return fault.toMs;
    const back = this.#takeoverOf(fault) ?? this.#startOf(fault);
    return (back && this.#resumed(back.atMs)?.atMs) ?? Infinity;
  }

  /** The first start after a kill, unless another kill came before it. */
  #startOf({ target, fromMs }: FaultRecord): LogLine | undefined {
    const line = this.#first(fromMs, (one) => {
      return one.process === target && one.event === 'process-started';
    });
    const isBetween = (ms: number) => ms > fromMs && ms <= (line?.atMs ?? 0);
    const isKilledAgain = this.faults.some(
      (one) =>
        one.kind === 'kill' && one.target === target && isBetween(one.fromMs),
    );
    return isKilledAgain ? undefined : line;
  }

  #takeoverOf(kill: FaultRecord): LogLine | undefined {
    const resumed = this.#resumed(kill.fromMs);
    const start = this.#startOf(kill);
    const isEarly = (start?.atMs ?? Infinity) > (resumed?.atMs ?? Infinity);
    return isEarly && resumed?.process.startsWith('standby-') === true
      ? resumed
      : undefined;
  }

  #resumed(sinceMs: number): LogLine | undefined {
    return this.#first(sinceMs, ({ event }) => event === 'training-resumed');
  }

  #first(sinceMs: number, isIt: (line: LogLine) => boolean) {
    return this.#lines.find((line) => line.atMs >= sinceMs && isIt(line));
  }
}
