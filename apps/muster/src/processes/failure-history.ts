/**
 * Which of many failures is the cause of a run's end. Pure.
 */
import type { ErrorCode } from '@muster/protocol';

/** Something that failed. */
export interface Failure {
  /** A process or a host: `worker-0`. */
  readonly who: string;
  readonly code: ErrorCode;
  readonly message: string;
  /** Any clock that rises, the same for all. */
  readonly atMs: number;
}

/** Of one process again and again: one cause, if they are not older. */
const SAME_PROCESS_MS = 3_600_000;

/** A failure, and whether who had it was well again afterwards. */
interface Remembered extends Failure {
  isMended: boolean;
}

/**
 * The failures of one run. The earliest is the cause, what came after it
 * mostly its consequence: going back from the last one, what came shortly
 * before belongs to it, and what the same process had before. What has mended
 * itself is no cause, unless the same comes again.
 */
export class FailureHistory {
  readonly #sameCauseMs: number;
  readonly #failures: Remembered[] = [];

  /** @param sameCauseMs failures that are no further apart have one cause. */
  constructor(sameCauseMs: number) {
    this.#sameCauseMs = sameCauseMs;
  }

  /** Adds one; in the order in which they happened. */
  add(failure: Failure): void {
    this.#failures.push({ ...failure, isMended: false });
  }

  /** Hears that a process or a host works, or works again. */
  works(who: string): void {
    for (const failure of this.#failures) {
      if (failure.who === who) failure.isMended = true;
    }
  }

  /** The cause of the last failure; itself, if nothing led to it. */
  get cause(): Failure | undefined {
    return this.chain[0];
  }

  /** The cause and what followed from it, in the order of time. */
  get chain(): readonly Failure[] {
    const chain: Failure[] = [];
    for (const failure of this.#failures.toReversed()) {
      if (this.#belongs(failure, chain)) chain.unshift(failure);
    }
    return chain;
  }

  /** @param chain what is known to belong together, all of it later. */
  #belongs(failure: Remembered, chain: readonly Failure[]): boolean {
    const [next] = chain;
    if (next === undefined) return true;
    const { who, atMs, isMended } = failure;
    const isAgain = chain.some((later) => later.who === who);
    const endMs = chain.at(-1)?.atMs ?? atMs;
    if (isAgain && endMs - atMs <= SAME_PROCESS_MS) return true;
    return !isMended && next.atMs - atMs <= this.#sameCauseMs;
  }
}
