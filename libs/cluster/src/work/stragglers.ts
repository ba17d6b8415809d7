/**
 * Who holds work up, and what is done about it: in a step, who is too slow
 * is passed over, and what is held too long is given to an idle worker as
 * well (backup tasks: Dean and Ghemawat 2004, section 3.6).
 */
import type { Member } from '../coordinator/membership.js';
import { Pace } from './pace.js';
import type { Lease } from './task-board.js';

/** A kind of work. */
export type WorkKind = 'training' | 'evaluating';

/** A worker that was passed over is asked when nobody else has come so long. */
const LAST_RESORT_FACTOR = 10;

/** Paces by kind of work, and who is passed over in the present segment. */
export class Stragglers {
  readonly #factor: number;
  readonly #paces = { training: new Pace(), evaluating: new Pace() };
  #passedOver: ReadonlySet<string> | undefined;

  /** @param factor times the median pace that make a lease slow; 0: never. */
  constructor(factor: number) {
    this.#factor = factor;
  }

  /** Milliseconds that a worker takes for a leaf, if that is known. */
  paceOf(workerId: string): number | undefined {
    return this.#paces.training.of(workerId);
  }

  /** Notes that a lease's work is done, and how long it took. */
  record(kind: WorkKind, { workerId, num, sinceMs }: Lease, nowMs: number) {
    this.#paces[kind].record(workerId, (nowMs - sinceMs) / num);
  }

  /** A segment is over; whoever still holds some of it was too slow. */
  endSegment(unfinished: Iterable<Lease>, nowMs: number): void {
    this.#passedOver = undefined;
    for (const { workerId, num, sinceMs } of unfinished) {
      const unitMs = (nowMs - sinceMs) / num;
      this.#paces.training.recordUnfinished(workerId, unitMs);
    }
  }

  /**
   * Those that help with a segment of so many units; all where nobody of
   * those chosen is left. Who is passed over is decided once a segment.
   */
  helpful(active: readonly Member[], numUnits: number): readonly Member[] {
    if (this.#passedOver === undefined) {
      const ids = active.map(({ workerId }) => workerId);
      const chosen = this.#paces.training.helpful(ids, numUnits);
      this.#passedOver = new Set(ids.filter((id) => !chosen.includes(id)));
    }
    const passedOver = this.#passedOver;
    const helpful = active.filter(({ workerId }) => !passedOver.has(workerId));
    return helpful.length > 0 ? helpful : active;
  }

  /**
   * Age of a lease, for each of its units, from which this member may take a
   * copy of it. Milliseconds; nothing where nobody does.
   */
  slowUnitMs(
    kind: WorkKind,
    member: Member,
    helpful: readonly Member[],
  ): number | undefined {
    if (this.#factor === 0) return undefined;
    const ids = helpful.map(({ workerId }) => workerId);
    const medianMs = this.#paces[kind].median(ids);
    if (medianMs === undefined) return undefined;
    const patience = helpful.includes(member) ? 1 : LAST_RESORT_FACTOR;
    return this.#factor * patience * medianMs;
  }
}
