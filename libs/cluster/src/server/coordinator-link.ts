/**
 * How a server reaches its coordinator: in its own process, or over a
 * connection. What it says arrives in order, and after what it did.
 */
import { PROTOCOL_VERSION, runFingerprint } from '@muster/protocol';
import type { MessageOf, RunDefinition } from '@muster/protocol';
import { Coordinator } from '../coordinator/coordinator.js';
import type { CoordinatorStart } from '../coordinator/coordination.js';
import type { Links } from './links.js';
import type { Outbox } from './outbox.js';
import type {
  ShardMachine,
  ShardOrder,
  ShardWord,
} from '../shard/shard-machine.js';
import type { ShardAddress } from '../coordinator/shard-roster.js';

/** What the link works with. */
export interface CoordinatorLinkParts {
  readonly run: RunDefinition;
  readonly out: Outbox;
  readonly links: Links;
}

/** See the head of this file. */
export class CoordinatorLink {
  readonly #parts: CoordinatorLinkParts;
  readonly #fingerprint: string;
  #coordinator: Coordinator | undefined;
  /** What the own shard tells the own coordinator, in order. */
  #words: ShardWord[] = [];
  #checkpoints: readonly number[] = [];
  #url = '';
  #metricsUrl: string | undefined;

  constructor(parts: CoordinatorLinkParts) {
    this.#parts = parts;
    this.#fingerprint = runFingerprint(parts.run);
  }

  /** The coordinator, where it is in this process. */
  get coordinator(): Coordinator | undefined {
    return this.#coordinator;
  }

  /** Where others reach this server. */
  get url(): string {
    return this.#url;
  }

  /** Where it serves metrics, if it does. */
  get metricsUrl(): string | undefined {
    return this.#metricsUrl;
  }

  /** SHA-256 of the run definition. */
  get fingerprint(): string {
    return this.#fingerprint;
  }

  /** Notes where others reach this server, and what is on its disk. */
  begin(
    url: string,
    checkpoints: readonly number[],
    metricsUrl: string | undefined,
  ): void {
    this.#url = url;
    this.#metricsUrl = metricsUrl;
    this.#checkpoints = checkpoints;
  }

  /** Notes what is on this server's disk. */
  setCheckpoints(checkpoints: readonly number[]): void {
    this.#checkpoints = checkpoints;
  }

  /** Notes one more whole checkpoint. */
  addCheckpoint(version: number): void {
    const others = this.#checkpoints.filter((one) => one !== version);
    this.#checkpoints = [version, ...others];
  }

  /** Makes this process the coordinator's. */
  coordinate(start: Omit<CoordinatorStart, 'sendOrder'>, shard: ShardMachine) {
    const sendOrder = (address: ShardAddress, order: ShardOrder) => {
      if (address === 'local') shard.obey(order);
      else this.#parts.out.send(address, { message: order });
    };
    this.#coordinator = new Coordinator({ ...start, sendOrder });
  }

  /** Tells the coordinator what is here. */
  join(shard: ShardMachine, role: 'primary' | 'standby'): void {
    const { begin, end, shard: index, numShards } = shard.position;
    const held = shard.shard;
    const join: MessageOf<'shard-join'> = {
      type: 'shard-join',
      protocol: PROTOCOL_VERSION,
      run: this.#fingerprint,
      ...{ shard: index, numShards, begin, end, url: this.#url, role },
      term: shard.term,
      ...(held && { version: held.version, oldest: held.oldest }),
      checkpoints: this.#checkpoints.slice(0, 64),
      ...(this.#metricsUrl !== undefined && { metricsUrl: this.#metricsUrl }),
    };
    if (this.#coordinator) return this.#coordinator.onShardJoin('local', join);
    this.#send(join);
  }

  /** Tells the coordinator something; lost if there is none at present. */
  tell(word: ShardWord): void {
    if (this.#coordinator) this.#words.push(word);
    else this.#send(word);
  }

  /** Lets the own coordinator hear its own shard, until all is said. */
  settle(onApplied: () => void): void {
    for (let word = this.#words.shift(); word; word = this.#words.shift()) {
      this.#coordinator?.onShardWord('local', word);
      if (word.type === 'received' && word.applied) onApplied();
    }
  }

  #send(message: ShardWord | MessageOf<'shard-join'>): void {
    const { links, out } = this.#parts;
    const connection = links.connectionOf('coordinator');
    if (connection !== undefined) out.send(connection, { message });
  }
}
