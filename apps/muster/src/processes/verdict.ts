/**
 * What the end of a process means for the run. Pure.
 */

/**
 * - `restart`: it is started again.
 * - `wait`: it may be the run's end, of which the coordinator is about to
 *   tell; asked again a while later.
 * - `leave`: the run goes on without it.
 * - `fail`: the run cannot go on.
 */
export type Verdict = 'restart' | 'wait' | 'leave' | 'fail';

/** A process that ended while the run had not. */
export interface EndedProcess {
  readonly kind: 'server' | 'worker';
  /** Null when a signal ended it. */
  readonly code: number | null;
  /** Whether it was the coordinator, which tells of the run's end itself. */
  readonly wasCoordinator: boolean;
  /** Whether its shard has a primary, or a standby that is to take over. */
  readonly hasLeader: boolean;
  /** Whether the run was told to stop. */
  readonly isDraining: boolean;
  readonly maxRestarts: number;
  /** Whether `wait` was the answer before. */
  readonly hasWaited: boolean;
}

/** The exit code of a process that cannot use its settings or its data. */
const BAD_INPUT = 2;

/** Gives what is to be done. */
export function verdictOn(ended: EndedProcess): Verdict {
  return ended.kind === 'worker' ? onWorker(ended) : onServer(ended);
}

function onWorker({ code, isDraining, maxRestarts }: EndedProcess): Verdict {
  // 0: somebody told it to stop
  if (code === 0 || isDraining || maxRestarts === 0) return 'leave';
  return code === BAD_INPUT ? 'fail' : 'restart';
}

function onServer(ended: EndedProcess): Verdict {
  const { code, wasCoordinator, hasWaited, hasLeader, maxRestarts } = ended;
  if (code === BAD_INPUT) return 'fail';
  if (code === 0 && !wasCoordinator && !hasWaited) return 'wait';
  if (maxRestarts > 0) return 'restart';
  return hasLeader ? 'leave' : 'fail';
}
