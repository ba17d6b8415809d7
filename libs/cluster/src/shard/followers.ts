/**
 * The standby of a shard as its primary sees it: it is sent everything once,
 * and then the sum of each step, which it applies as well. It is never more
 * than one version behind, so that the servers beside it can still give out
 * what it may have to redo.
 */
import { float32Payload } from '@muster/protocol';
import type { MessageOf } from '@muster/protocol';
import type { LedgerState } from '../coordinator/ledger.js';
import type { Outbox } from '../server/outbox.js';
import type { ParameterShard } from './parameter-shard.js';
import type { AppliedStep } from './push-decision.js';

/** At most one follower; a newer one replaces it. */
export class Followers {
  readonly #out: Outbox;
  #connection: number | undefined;
  #lastHeardMs = 0;
  /**
   * States and sums that it has not answered. They are counted, not compared:
   * after the shard went back the same version is another one.
   */
  #numUnanswered = 0;

  constructor(out: Outbox) {
    this.#out = out;
  }

  /** Whether the next version may be made. */
  get areClose(): boolean {
    return this.#connection === undefined || this.#numUnanswered === 0;
  }

  /** The follower's connection, if there is one. */
  get connection(): number | undefined {
    return this.#connection;
  }

  /** Takes a follower in, in place of the one before. */
  add(connection: number, nowMs: number): void {
    const before = this.#connection;
    this.#connection = connection;
    if (before !== connection) this.#numUnanswered = 0;
    this.#lastHeardMs = nowMs;
    if (before === undefined || before === connection) return;
    this.#out.close(before, 'ERR_REPLACED', 'another standby follows now');
  }

  /** Notes a sign of life. */
  heard(connection: number, nowMs: number): void {
    if (connection === this.#connection) this.#lastHeardMs = nowMs;
  }

  /** Sends everything: at first, and after the shard went back. */
  sendState(
    shard: ParameterShard,
    term: number,
    ledger: LedgerState | undefined,
  ): void {
    const connection = this.#connection;
    if (connection === undefined) return;
    const { version, begin, end, parameters, slots } = shard;
    const vectors = [parameters, ...Object.values(slots)];
    // what comes last makes it a whole: the state, or the account after it
    for (const [pinned, slice] of shard.pinned) {
      const place = { version: pinned, term, begin, end };
      this.#out.send(connection, {
        message: { type: 'parameters', ...place, dtype: 'float32' },
        payload: float32Payload(slice),
      });
    }
    this.#numUnanswered++;
    this.#out.send(connection, {
      message: {
        type: 'state',
        ...{ term, version, begin, end },
        slots: Object.keys(slots),
        dtype: 'float32',
      },
      payload: joined(vectors),
    });
    if (ledger) this.tellLedger(ledger, version);
  }

  /** Forgets a follower; tells whether it was one. */
  remove(connection: number): boolean {
    if (connection !== this.#connection) return false;
    this.#connection = undefined;
    return true;
  }

  /** Forgets a follower that was silent so long; gives its connection. */
  removeSilent(silentMs: number, nowMs: number): number | undefined {
    const connection = this.#connection;
    if (connection === undefined) return undefined;
    if (nowMs - this.#lastHeardMs <= silentMs) return undefined;
    this.#connection = undefined;
    return connection;
  }

  /** Sends what made the newest version; shares its memory. */
  replicate(shard: ParameterShard, applied: AppliedStep): void {
    if (this.#connection === undefined) return;
    const { begin, end } = shard;
    const { version, count, lossSum, correct } = applied;
    this.#numUnanswered++;
    this.#out.send(this.#connection, {
      message: {
        type: 'replicate',
        ...{ version, count, lossSum, correct, begin, end },
        dtype: 'float32',
      },
      payload: float32Payload(applied.sum),
    });
  }

  /** Sends the account as it is at a version. */
  tellLedger(ledger: LedgerState, version: number): void {
    if (this.#connection === undefined) return;
    const payload = new TextEncoder().encode(JSON.stringify(ledger));
    const message = { type: 'ledger', version, dtype: 'json' } as const;
    this.#out.send(this.#connection, { message, payload });
  }

  /** Says that there is nothing to take over any more. */
  tellEnd(reason: MessageOf<'drain'>['reason']): void {
    if (this.#connection === undefined) return;
    const message = { type: 'drain', reason } as const;
    this.#out.send(this.#connection, { message });
  }

  /** The follower has made what was sent first of all that is unanswered. */
  replicated(connection: number): void {
    if (connection === this.#connection) this.#numUnanswered--;
  }
}

function joined(vectors: readonly Float32Array[]): Uint8Array {
  const bytes = vectors.map((vector) => float32Payload(vector));
  const whole = new Uint8Array(bytes.reduce((sum, b) => sum + b.length, 0));
  let at = 0;
  for (const part of bytes) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
