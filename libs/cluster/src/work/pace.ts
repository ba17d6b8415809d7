/**
 * How long workers take for a unit of work, and who is too slow to be given
 * one: a worker that would end after the others had done all of it holds the
 * step up. It is asked again now and then, as it may have become faster.
 */

/** Weight of the newest measurement in a worker's pace. */
const NEWEST_WEIGHT = 0.3;
/** Times in a row a slow worker is passed over before it is tried again. */
const MAX_PASSED_OVER = 25;

interface WorkerPace {
  unitMs: number;
  numPassedOver: number;
}

/** Paces of the workers for one kind of task. Milliseconds a unit. */
export class Pace {
  readonly #paces = new Map<string, WorkerPace>();

  /** Notes that a worker took this long for each of its units. */
  record(workerId: string, unitMs: number): void {
    const before = this.#paces.get(workerId)?.unitMs ?? unitMs;
    const mean = before + NEWEST_WEIGHT * (unitMs - before);
    this.#paces.set(workerId, { unitMs: mean, numPassedOver: 0 });
  }

  /** Notes that a worker was not done after this long: it may take longer. */
  recordUnfinished(workerId: string, unitMs: number): void {
    const known = this.#paces.get(workerId)?.unitMs ?? 0;
    if (unitMs > known) this.record(workerId, unitMs);
  }

  /** What a worker takes for a unit, if that is known. */
  of(workerId: string): number | undefined {
    return this.#paces.get(workerId)?.unitMs;
  }

  /** The median pace of these workers; undefined while none is known. */
  median(workerIds: readonly string[]): number | undefined {
    const known = workerIds
      .map((workerId) => this.of(workerId))
      .filter((unitMs) => unitMs !== undefined)
      .sort((a, b) => a - b);
    return known[(known.length - 1) >> 1];
  }

  /**
   * Those that help with `numUnits` units. Counts each passing over: a slow
   * worker is among them once in a while.
   */
  helpful(workerIds: readonly string[], numUnits: number): string[] {
    return workerIds.filter((workerId) => {
      const pace = this.#paces.get(workerId);
      const others = workerIds.filter((one) => one !== workerId);
      const medianMs = this.median(others);
      if (pace === undefined || medianMs === undefined) return true;
      const withoutMs = Math.ceil(numUnits / others.length) * medianMs;
      if (pace.unitMs <= withoutMs) return true;
      pace.numPassedOver++;
      if (pace.numPassedOver <= MAX_PASSED_OVER) return false;
      pace.numPassedOver = 0;
      return true;
    });
  }
}
