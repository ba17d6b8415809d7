/**
 * Whom a packet concerns that a server has received: by the connection that
 * it came on, and by what may be said there.
 *
 * | it comes from           | and goes to                                     |
 * | ----------------------- | ----------------------------------------------- |
 * | the link `coordinator`  | the shard, as an order; promotion and the end   |
 * | the link `primary`      | the succession: the copy, or who is fenced off  |
 * | a server or its standby | the coordinator, if it is here                  |
 * | the own follower        | the succession, the shard's pushes that wait    |
 * | a worker                | the coordinator, if it is here, and the shard   |
 *
 * A standby answers nobody but who wants to follow.
 */
import type { Message, MessageOf, Packet } from '@muster/protocol';
import type { CoordinatorLink } from './coordinator-link.js';
import type { Coordinator } from '../coordinator/coordinator.js';
import type { RunEnd } from './effects.js';
import type { Links } from './links.js';
import type { Outbox } from './outbox.js';
import type { ShardMachine } from '../shard/shard-machine.js';
import type { Succession } from './succession.js';

/** Who is there to be told. */
export interface MessageRouterParts {
  readonly shard: ShardMachine;
  readonly links: Links;
  readonly link: CoordinatorLink;
  readonly succession: Succession;
  readonly out: Outbox;
  readonly end: (end: RunEnd) => void;
}

/** See the head of this file. */
export class MessageRouter {
  readonly #parts: MessageRouterParts;

  constructor(parts: MessageRouterParts) {
    this.#parts = parts;
  }

  /** Hands a packet to whom it concerns, at time `nowMs`. */
  route(connection: number, packet: Packet, nowMs: number): void {
    const { shard, links, succession } = this.#parts;
    const { message } = packet;
    const link = links.heard(connection, nowMs);
    if (link === 'coordinator') return this.#onCoordinator(message);
    if (link === 'primary') return succession.onPrimary(connection, packet);
    shard.heard(connection);
    if (message.type === 'follow') {
      return succession.onFollow(connection, message);
    }
    if (succession.role === 'standby') return this.#refuse(connection);
    if (message.type === 'replicated') return shard.replicated(connection);
    if (this.#isServerWord(connection, message)) return;
    this.#onWorker(connection, packet);
  }

  get #coordinator(): Coordinator | undefined {
    return this.#parts.link.coordinator;
  }

  #onCoordinator(message: Message): void {
    const { shard, succession, end } = this.#parts;
    switch (message.type) {
      case 'restore':
      case 'resume':
      case 'checkpoint':
        return shard.obey(message);
      case 'promote':
        return succession.takeOver(message.term);
      case 'refused':
        return end(endOf(message));
      case 'drain': {
        const isFinished = message.reason === 'finished';
        return end({ outcome: isFinished ? 'finished' : 'drained' });
      }
      default:
        return;
    }
  }

  /** What a server or a standby says; tells whether it was that. */
  #isServerWord(connection: number, message: Message): boolean {
    const coordinator = this.#coordinator;
    switch (message.type) {
      case 'shard-join':
        coordinator?.onShardJoin(connection, message);
        return coordinator !== undefined;
      case 'received':
      case 'restored':
      case 'checkpointed':
        coordinator?.onShardWord(connection, message);
        return coordinator !== undefined;
      case 'heartbeat':
        return (
          coordinator?.onShardHeartbeat(connection, message) === true ||
          this.#isFollowers(connection, message)
        );
      default:
        return false;
    }
  }

  #isFollowers(connection: number, message: MessageOf<'heartbeat'>): boolean {
    const { shard, out } = this.#parts;
    if (shard.followers.connection !== connection) return false;
    out.send(connection, { message });
    return true;
  }

  #onWorker(connection: number, packet: Packet): void {
    const { shard, out } = this.#parts;
    const { message } = packet;
    const coordinator = this.#coordinator;
    const isKnown = coordinator?.onWorker(connection, packet) ?? true;
    if (!isKnown) return;
    switch (message.type) {
      case 'subscribe':
        return shard.subscribe(connection, message);
      case 'pull':
        return shard.pull(connection, message);
      case 'push':
        return shard.push(connection, { ...packet, message });
      case 'heartbeat':
        if (coordinator) return;
        return out.send(connection, { message });
      case 'leave':
        return;
      default:
        if (!coordinator) this.#refuse(connection);
    }
  }

  #refuse(connection: number): void {
    const { shard, succession, out } = this.#parts;
    const what = succession.role === 'standby' ? 'a standby of ' : '';
    const text = `this is ${what}server ${shard.position.shard}, which does not answer that`;
    out.close(connection, 'ERR_NOT_PRIMARY', text);
  }
}

/** How a server ends that the coordinator sends away. */
function endOf({ code, message }: MessageOf<'refused'>): RunEnd {
  return code === 'ERR_REPLACED'
    ? { outcome: 'replaced', message }
    : { outcome: 'failed', code, message };
}
