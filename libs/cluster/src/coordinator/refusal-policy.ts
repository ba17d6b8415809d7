/**
 * Whose fault a refused contribution is. A gradient is a pure function: the
 * same refusal from two workers is the training's fault, a row of refusals
 * from one worker, while others do well, is its own.
 */

/** Refusals in a row after which a worker is sent away. */
const MAX_REFUSALS = 3;

/** What is known when a contribution was refused. */
export interface Refused {
  /** Different workers that were refused for this unit of work, this one too. */
  readonly numWorkersFailed: number;
  /** Refusals of this worker without an accepted one between, this one too. */
  readonly numRefusals: number;
  /** Other workers that take tasks. */
  readonly numOthers: number;
}

/** The run fails, the worker is sent away, or the task goes elsewhere. */
export type RefusalVerdict = 'fail-run' | 'quarantine' | 'try-elsewhere';

/** Judges a refused contribution. */
export function judgeRefusal(refused: Refused): RefusalVerdict {
  const { numWorkersFailed, numRefusals, numOthers } = refused;
  if (numWorkersFailed >= 2) return 'fail-run';
  if (numRefusals < MAX_REFUSALS) return 'try-elsewhere';
  return numOthers === 0 ? 'fail-run' : 'quarantine';
}
