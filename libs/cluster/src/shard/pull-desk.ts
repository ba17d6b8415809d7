/**
 * Where a shard's parameters go out to workers: to each that subscribes or
 * asks, and to all when other ones count than before. What a push makes goes
 * out at the push desk.
 */
import type { MessageOf } from '@muster/protocol';
import type { HeldParameters } from './held-parameters.js';
import type { Outbox } from '../server/outbox.js';
import type { Subscribers } from './subscribers.js';

/** What the desk works with. */
export interface PullDeskParts {
  readonly held: HeldParameters;
  readonly out: Outbox;
  readonly subscribers: Subscribers;
  /** Is told of each connection whose subscription the desk has ended. */
  readonly onEnded: (connection: number) => void;
}

/** See the head of this file. */
export class PullDesk {
  readonly #parts: PullDeskParts;

  constructor(parts: PullDeskParts) {
    this.#parts = parts;
  }

  /** A worker wants parameters from now on; its older lives get none. */
  subscribe(
    connection: number,
    subscribe: MessageOf<'subscribe'>,
    nowMs: number,
  ): void {
    const { held, out, subscribers, onEnded } = this.#parts;
    const added = subscribers.add(connection, subscribe, nowMs);
    const text = `a newer life of ${subscribe.workerId} has subscribed`;
    if (added.outcome === 'outlived') {
      return out.close(connection, 'ERR_REPLACED', text);
    }
    for (const replaced of added.replaced) {
      onEnded(replaced);
      out.close(replaced, 'ERR_REPLACED', text);
    }
    if (held.isServing) this.#sendNewest(connection);
  }

  /** Sends the slice that is asked for, if it is there. */
  pull(connection: number, { version, atLeast }: MessageOf<'pull'>): void {
    const { held, out } = this.#parts;
    const { shard, isServing } = held;
    if (!isServing || shard === undefined) return;
    const wanted = version ?? shard.version;
    if (wanted < (atLeast ?? 0)) return;
    const slice = shard.sliceOf(wanted);
    if (slice === undefined) return;
    out.send(connection, held.packet(wanted, slice));
  }

  /** Everybody gets the newest version, also who holds a later one. */
  sendNewest(): void {
    for (const connection of this.#parts.subscribers.connections) {
      this.#sendNewest(connection);
    }
  }

  /** Ends connections that were silent for so long. Milliseconds. */
  endSilent(silentMs: number, nowMs: number): void {
    const { out, subscribers, onEnded } = this.#parts;
    for (const connection of subscribers.removeSilent(silentMs, nowMs)) {
      onEnded(connection);
      out.add({ type: 'terminate', connection });
    }
  }

  #sendNewest(connection: number): void {
    const { held, out } = this.#parts;
    const { shard } = held;
    if (shard === undefined) return;
    out.send(connection, held.packet(shard.version, shard.parameters));
  }
}
