/**
 * What pushes take: encoding and handing them over, until every server has
 * answered, and how stale they were. Pure: time is an argument, in monotone
 * milliseconds.
 */
import type { MessageOf, Phases } from '@muster/protocol';

/** A push that some server has not answered. */
interface Open {
  readonly pushedAtMs: number;
  /** Version of server 0's slice that it was computed from. */
  readonly base: number;
  readonly links: Set<number>;
}

/** What an answer tells. */
export interface Answered {
  /** Steps between what it was computed from and what it was applied to. */
  readonly staleness?: number;
  /** From its first part's leaving to its last answer. */
  readonly pushMs?: number;
}

/** See the head of this file. */
export class PushTimes {
  readonly #open = new Map<number, Open>();
  #encodeMs = 0;
  #pushMs = 0;

  /** What the last push took; 0 before the first one. */
  get last(): Pick<Phases, 'encode' | 'push'> {
    return { encode: this.#encodeMs, push: this.#pushMs };
  }

  /**
   * One server's part of a push was encoded and handed over.
   * @returns whether it was the first part of that push.
   */
  sent(
    link: number,
    { pushId, bases }: Pick<MessageOf<'push'>, 'pushId' | 'bases'>,
    startMs: number,
    nowMs: number,
  ): boolean {
    const known = this.#open.get(pushId);
    if (known === undefined) this.#encodeMs = 0;
    this.#encodeMs += nowMs - startMs;
    const [base = 0] = bases;
    const open = known ?? { pushedAtMs: nowMs, base, links: new Set() };
    open.links.add(link);
    this.#open.set(pushId, open);
    return known === undefined;
  }

  /** A server has answered; nothing of what is no open push. */
  answered(
    link: number,
    result: Pick<MessageOf<'push-result'>, 'pushId' | 'outcome' | 'version'>,
    nowMs: number,
  ): Answered | undefined {
    const { pushId, outcome, version } = result;
    const open = this.#open.get(pushId);
    if (open?.links.delete(link) !== true) return undefined;
    const isCounted = link === 0 && outcome === 'accepted';
    // the version after it; within a step it is still the one before
    const staleness = isCounted && Math.max(0, version - 1 - open.base);
    const answer = staleness === false ? {} : { staleness };
    if (open.links.size > 0) return answer;
    this.#open.delete(pushId);
    this.#pushMs = nowMs - open.pushedAtMs;
    return { ...answer, pushMs: this.#pushMs };
  }
}
