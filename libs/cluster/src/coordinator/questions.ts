/**
 * What the live page asks of a worker: what the network says to an image. Each
 * question is answered once: by a worker, or by why there is no answer. No
 * lease, no step and no pace depends on it.
 */
import type { ErrorCode, MessageOf } from '@muster/protocol';
import type { Coordination } from './coordination.js';
import type { ServerEvent } from '../server/effects.js';
import type { Member } from './membership.js';

/** How long a worker has to answer: tens of leaves. Milliseconds. */
const ANSWER_MS = 2000;

/** A question that a worker was asked. */
interface Question {
  readonly workerId: string;
  readonly connection: number;
  readonly askedAtMs: number;
}

/** See the head of this file. */
export class Questions {
  readonly #all: Coordination;
  readonly #open = new Map<number, Question>();
  /** The newest question that was asked. */
  #lastId = -1;
  /** Workers are asked in turn. */
  #turn = 0;

  constructor(all: Coordination) {
    this.#all = all;
  }

  /** Asks a worker that takes tasks; fails at once where there is none. */
  ask({ requestId, image }: Extract<ServerEvent, { type: 'classify' }>): void {
    const { roster, out, nowMs } = this.#all;
    const { active } = roster;
    const member = active[this.#turn++ % Math.max(1, active.length)];
    if (member === undefined || this.#all.phase === 'ended') {
      const text = 'no worker takes tasks at present';
      return this.#fail(requestId, 'ERR_NO_WORKERS', text);
    }
    this.#lastId = requestId;
    const { workerId, connection } = member;
    this.#open.set(requestId, { workerId, connection, askedAtMs: nowMs });
    out.send(connection, {
      message: { type: 'classify', requestId, dtype: 'uint8' },
      payload: image,
    });
  }

  /** A worker has answered; what comes too late counts no more. */
  answered(member: Member, message: MessageOf<'classified'>): void {
    const { out } = this.#all;
    const problem = this.#problemOf(member, message);
    if (problem !== undefined) {
      const text = `malformed message 'classified': ${problem}`;
      return out.close(member.connection, 'ERR_MALFORMED_MESSAGE', text);
    }
    const { requestId, version, probabilities } = message;
    if (!this.#open.delete(requestId)) return;
    out.add({ type: 'classified', requestId, version, probabilities });
  }

  /**
   * Fails the questions that nobody will answer; call after each event.
   * @param isOver whether nothing is heard any more.
   */
  settle(isOver: boolean): void {
    if (this.#open.size === 0) return;
    const { roster, nowMs, phase } = this.#all;
    for (const [requestId, question] of this.#open) {
      const { workerId, connection, askedAtMs } = question;
      if (isOver || phase === 'ended') {
        this.#fail(requestId, 'ERR_NO_WORKERS', 'the run has ended');
      } else if (roster.byConnection(connection) === undefined) {
        const text = `the connection of ${workerId} ended before it answered`;
        this.#fail(requestId, 'ERR_CONNECTION_LOST', text);
      } else if (nowMs - askedAtMs >= ANSWER_MS) {
        const text = `${workerId} did not answer within ${ANSWER_MS} ms`;
        this.#fail(requestId, 'ERR_REQUEST_TIMEOUT', text);
      }
    }
  }

  #problemOf(
    { connection }: Member,
    { requestId, probabilities }: MessageOf<'classified'>,
  ): string | undefined {
    const question = this.#open.get(requestId);
    if (requestId > this.#lastId) {
      return `question ${requestId} was never asked`;
    }
    if (question && question.connection !== connection) {
      return `question ${requestId} was put to another worker`;
    }
    const { numClasses } = this.#all.run.dataset;
    if (probabilities.length === numClasses) return undefined;
    return `expected ${numClasses} probabilities, got ${probabilities.length}`;
  }

  #fail(requestId: number, code: ErrorCode, message: string): void {
    this.#open.delete(requestId);
    this.#all.out.add({ type: 'not-classified', requestId, code, message });
  }
}
