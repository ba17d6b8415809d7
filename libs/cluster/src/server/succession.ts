/**
 * Who leads a shard: how a standby becomes its primary, and how whoever was
 * it before hears of that.
 *
 * ```
 * following -- promoted (server k), primary gone (server 0) --> leading
 * leading   -- a newer term is heard of ----------------------> replaced
 * ```
 *
 * The new primary of server 0 dials the old one until that, or a standby in
 * its place, has answered: a process that slept must not lead on.
 */
import { PROTOCOL_VERSION } from '@muster/protocol';
import type { ErrorCode, Message, MessageOf, Packet } from '@muster/protocol';
import type { CoordinatorLink } from './coordinator-link.js';
import type { RunEnd } from './effects.js';
import type { LedgerState } from '../coordinator/ledger.js';
import type { Links } from './links.js';
import type { Outbox } from './outbox.js';
import type { ShardMachine } from '../shard/shard-machine.js';
import { StandbyCopy } from './standby-copy.js';

/** What the succession works with. */
export interface SuccessionParts {
  readonly shard: ShardMachine;
  readonly links: Links;
  readonly link: CoordinatorLink;
  readonly out: Outbox;
  readonly leaseMs: number;
  /** Larger than the term of any server that was started before. */
  readonly term: number;
  /** Makes this server the coordinator. */
  readonly coordinate: (term: number, ledger: LedgerState) => void;
  readonly end: (end: RunEnd) => void;
}

/** See the head of this file. */
export class Succession {
  readonly #parts: SuccessionParts;
  readonly #copy: StandbyCopy;
  #role: 'primary' | 'standby';
  /** Whether a primary that may sleep is to be told that it is replaced. */
  #isFencing = false;
  /** When a primary was heard last. */
  #ledAtMs = 0;
  #nowMs = 0;

  constructor(role: 'primary' | 'standby', parts: SuccessionParts) {
    this.#role = role;
    this.#parts = parts;
    this.#copy = new StandbyCopy(parts.shard, parts.out);
  }

  /** Whether this server serves, or follows who does. */
  get role(): 'primary' | 'standby' {
    return this.#role;
  }

  /** The account as the copy has it. */
  get ledger(): LedgerState {
    return this.#copy.ledger;
  }

  /** Time; every call after it happens at this time. Milliseconds. */
  at(nowMs: number): void {
    this.#nowMs = nowMs;
  }

  /** Begins to follow, where it is a standby. */
  begin(): void {
    this.#ledAtMs = this.#nowMs;
    if (this.#role === 'primary') return;
    this.#parts.links.open('primary', this.#nowMs);
  }

  /** The link to the other one is there. */
  linked(connection: number): void {
    const { shard, out, link } = this.#parts;
    const { shard: index, numShards } = shard.position;
    const { fingerprint, url, metricsUrl } = link;
    const term = link.coordinator?.term ?? shard.term;
    out.send(connection, {
      message: {
        type: 'follow',
        protocol: PROTOCOL_VERSION,
        run: fingerprint,
        ...{ shard: index, numShards, url, term },
        ...(metricsUrl !== undefined && { metricsUrl }),
      },
    });
  }

  /** The link to the other one is gone: what was on the way will not come. */
  unlinked(): void {
    this.#copy.disconnected();
  }

  /** The primary does not answer, or is silent. */
  primaryGone(): void {
    if (!this.#mayTakeOver) return;
    const { term, shard } = this.#parts;
    this.takeOver(Math.max(term, shard.term + 1));
  }

  /** Hears the primary that it follows, or the one that it fences off. */
  onPrimary(connection: number, packet: Packet): void {
    const { message } = packet;
    if (this.#isFencing) return this.#onFenced(message);
    // whoever is there does not lead any more
    if (message.type === 'refused') return this.primaryGone();
    this.#ledAtMs = this.#nowMs;
    if (message.type !== 'drain') {
      return this.#copy.onPrimary(connection, packet);
    }
    const isFinished = message.reason === 'finished';
    this.#parts.end({ outcome: isFinished ? 'finished' : 'drained' });
  }

  /** Hears who wants to follow, or has taken over. */
  onFollow(connection: number, follow: MessageOf<'follow'>): void {
    const { shard, link, end } = this.#parts;
    if (this.#role === 'standby') {
      return this.#refuse(connection, 'ERR_NOT_PRIMARY', 'this is a standby');
    }
    const { term } = link.coordinator ?? shard;
    if (follow.term > term) {
      const message = 'a standby has taken over';
      this.#refuse(connection, 'ERR_REPLACED', message);
      return end({ outcome: 'replaced', message });
    }
    const { url, metricsUrl } = follow;
    link.coordinator?.isFollowed({ connection, url, metricsUrl });
    shard.follow(connection);
  }

  /** Leads from now on, in this term. */
  takeOver(term: number): void {
    if (this.#role === 'primary') return;
    const { shard, links, out, coordinate } = this.#parts;
    const { shard: index } = shard.position;
    this.#role = 'primary';
    shard.heardOf(term);
    out.report({ type: 'took-over', shard: index });
    // what the old primary still says is of no use any more
    links.close('primary');
    // others have written since this one began to follow; it joins after that
    out.add({ type: 'list-checkpoints' });
    if (index !== 0) return;
    coordinate(term, this.#copy.ledger);
    this.#isFencing = true;
    links.open('primary', this.#nowMs);
  }

  /**
   * Server 0's standby decides alone; the others are told. Without a copy it
   * gives a primary that may only be starting some time.
   */
  get #mayTakeOver(): boolean {
    const { shard, leaseMs } = this.#parts;
    if (shard.position.shard !== 0 || this.#role === 'primary') return false;
    if (shard.shard !== undefined) return true;
    return this.#nowMs - this.#ledAtMs > leaseMs;
  }

  /** What whoever was the primary before says to its replacement. */
  #onFenced(message: Message): void {
    const { links, link, end } = this.#parts;
    if (message.type === 'refused') {
      this.#isFencing = false;
      return links.close('primary');
    }
    const { term = 0 } = link.coordinator ?? {};
    if (message.type !== 'state' || message.term < term) return;
    const text = 'another server leads in a newer term';
    end({ outcome: 'replaced', message: text });
  }

  /** Says that nobody leads here. */
  #refuse(connection: number, code: ErrorCode, message: string): void {
    const { out } = this.#parts;
    out.send(connection, { message: { type: 'refused', code, message } });
    out.close(connection, code, message);
  }
}
