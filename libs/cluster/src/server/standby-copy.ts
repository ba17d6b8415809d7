/**
 * What a standby does while it follows: takes its primary's state once, and
 * makes every version of it again from the sums that are sent: the same bits.
 *
 * A standby of the coordinator has the account as well. It comes after the
 * state, and after each sum; both enter together, or not at all.
 */
import { payloadAsFloat32 } from '@muster/protocol';
import type { MessageOf, Packet } from '@muster/protocol';
import { EMPTY_LEDGER } from '../coordinator/ledger.js';
import type { LedgerState } from '../coordinator/ledger.js';
import type { Outbox } from './outbox.js';
import type { ShardMachine } from '../shard/shard-machine.js';

type Waiting = Packet<MessageOf<'state'> | MessageOf<'replicate'>>;

/** A copy of a primary's shard, and of the account if it coordinates. */
export class StandbyCopy {
  readonly #shard: ShardMachine;
  readonly #out: Outbox;
  #ledger = EMPTY_LEDGER;
  /** Ends of epochs, whose state is on the way. */
  #pinned: Packet<MessageOf<'parameters'>>[] = [];
  /** What enters with the account that is on the way. */
  #waiting: Waiting | undefined;

  constructor(shard: ShardMachine, out: Outbox) {
    this.#shard = shard;
    this.#out = out;
  }

  /** The account at the copy's version. */
  get ledger(): LedgerState {
    return this.#ledger;
  }

  /** Hears the primary, on this connection. */
  onPrimary(connection: number, { message, payload }: Packet): void {
    switch (message.type) {
      case 'parameters':
        this.#pinned.push({ message, payload });
        return;
      case 'state':
      case 'replicate': {
        this.#waiting = { message, payload };
        const isCoordinators = this.#shard.position.shard === 0;
        return isCoordinators ? undefined : this.#enter(connection);
      }
      case 'ledger':
        return this.#onLedger(connection, message, payload);
      default:
        return;
    }
  }

  /** The connection is gone: what was on the way will not come. */
  disconnected(): void {
    this.#pinned = [];
    this.#waiting = undefined;
  }

  /** The account comes with each version, and when it says more than that. */
  #onLedger(
    connection: number,
    { version }: MessageOf<'ledger'>,
    payload: Uint8Array | undefined,
  ): void {
    if (this.#waiting?.message.version === version) this.#enter(connection);
    if (version !== this.#shard.shard?.version || !payload) return;
    const text = new TextDecoder().decode(payload);
    this.#ledger = JSON.parse(text) as LedgerState;
  }

  #enter(connection: number): void {
    const { message, payload } = this.#waiting ?? {};
    this.#waiting = undefined;
    if (message?.type === 'state') this.#enterState(message, payload);
    else if (message) this.#enterSum(message, payload);
    if (message === undefined) return;
    const { version } = message;
    const answer = { type: 'replicated', version } as const;
    this.#out.send(connection, { message: answer });
  }

  #enterState(
    message: MessageOf<'state'>,
    payload: Uint8Array | undefined,
  ): void {
    const { begin, end, slots, version, term } = message;
    const length = end - begin;
    const all = payloadAsFloat32(payload, length * (1 + slots.length));
    const vectorAt = (i: number) => all.slice(i * length, (i + 1) * length);
    this.#shard.heardOf(term);
    this.#shard.hold({
      version,
      parameters: vectorAt(0),
      slots: Object.fromEntries(
        slots.map((slot, i) => [slot, vectorAt(i + 1)]),
      ),
    });
    for (const pinned of this.#pinned) {
      const slice = payloadAsFloat32(pinned.payload, length);
      this.#shard.shard?.pin(pinned.message.version, slice);
    }
    this.#pinned = [];
  }

  #enterSum(
    message: MessageOf<'replicate'>,
    payload: Uint8Array | undefined,
  ): void {
    const { shard } = this.#shard;
    const { version, count, lossSum, correct, begin, end } = message;
    if (shard === undefined || version !== shard.version + 1) return;
    const slice = payloadAsFloat32(payload, end - begin);
    shard.replay({ slice, count, lossSum, correct });
  }
}
