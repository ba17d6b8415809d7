/**
 * The whole brain of a server process: its shard, the coordinator if it is
 * server 0's primary, and the way of a standby to become one. Each event goes
 * to the one of them that it concerns.
 */
import type { RunDefinition } from '@muster/protocol';
import { CoordinatorLink } from './coordinator-link.js';
import type { Coordinator } from '../coordinator/coordinator.js';
import type { CoordinatorOptions } from '../coordinator/coordination.js';
import type { RunEnd, ServerEffect, ServerEvent } from './effects.js';
import type { ShardPosition } from '../shard/held-parameters.js';
import { EMPTY_LEDGER } from '../coordinator/ledger.js';
import type { LedgerState } from '../coordinator/ledger.js';
import { Links } from './links.js';
import { MessageRouter } from './message-router.js';
import { Outbox } from './outbox.js';
import type { ParameterShard } from '../shard/parameter-shard.js';
import { ShardMachine } from '../shard/shard-machine.js';
import { Sleep } from '../sleep.js';
import { Succession } from './succession.js';
import { unreachable } from '../unreachable.js';

/** What a server is told when it is made. */
export interface ServerOptions extends CoordinatorOptions {
  readonly shard: number;
  /** Key ranges of all servers, by shard. */
  readonly ranges: readonly { readonly begin: number; readonly end: number }[];
  readonly role: 'primary' | 'standby';
  /** Larger than the term of any server that was started before. */
  readonly term: number;
}

/** See the head of this file. */
export class ServerMachine {
  readonly #run: RunDefinition;
  readonly #options: ServerOptions;
  readonly #out = new Outbox();
  readonly #links: Links;
  readonly #link: CoordinatorLink;
  readonly #shard: ShardMachine;
  readonly #succession: Succession;
  readonly #router: MessageRouter;
  readonly #sleep = new Sleep();
  #isEnded = false;
  #nowMs = 0;

  constructor(run: RunDefinition, options: ServerOptions) {
    this.#run = run;
    this.#options = options;
    const { leaseMs, heartbeatMs, role, term } = options;
    const out = this.#out;
    const end = (how: RunEnd) => this.#end(how);
    const links = new Links(out, { leaseMs, heartbeatMs });
    const link = new CoordinatorLink({ run, out, links });
    const shard = new ShardMachine(run, positionOf(options), {
      ...{ leaseMs, out },
      tell: (word) => link.tell(word),
      ledgerOf: () => link.coordinator?.ledger,
    });
    const succession = new Succession(role, {
      ...{ shard, links, link, out, leaseMs, term, end },
      coordinate: (newTerm, ledger) => this.#coordinate(newTerm, ledger, true),
    });
    this.#links = links;
    this.#link = link;
    this.#shard = shard;
    this.#succession = succession;
    this.#router = new MessageRouter({
      shard,
      links,
      link,
      succession,
      out,
      end,
    });
  }

  /** The parameters, once they are there. */
  get shard(): ParameterShard | undefined {
    return this.#shard.shard;
  }

  /** The coordinator, where this is the primary of server 0. */
  get coordinator(): Coordinator | undefined {
    return this.#link.coordinator;
  }

  /** The account, where it is kept here. */
  get ledger(): LedgerState {
    return this.coordinator?.ledger ?? this.#succession.ledger;
  }

  /** The newest term that it has heard of. */
  get term(): number {
    return this.coordinator?.term ?? this.#shard.term;
  }

  /** Pushes that wait for a standby to catch up. */
  get numHeld(): number {
    return this.#shard.numHeld;
  }

  /** Whether it serves, or follows who does. */
  get role(): 'primary' | 'standby' {
    return this.#succession.role;
  }

  /**
   * Begins; call once, before any event.
   * @param url where others reach this server.
   * @param checkpoints versions of its whole checkpoints.
   * @param metricsUrl where it serves metrics, if it does.
   */
  start(
    url: string,
    checkpoints: readonly number[],
    nowMs: number,
    metricsUrl?: string,
  ): ServerEffect[] {
    this.#at(nowMs);
    this.#sleep.begin(nowMs);
    this.#link.begin(url, checkpoints, metricsUrl);
    this.#succession.begin();
    const { shard, term } = this.#options;
    if (shard !== 0) this.#links.open('coordinator', nowMs);
    else if (this.role === 'primary') {
      this.#coordinate(term, EMPTY_LEDGER, false);
      this.#joinCoordinator();
    }
    return this.#settle();
  }

  /**
   * Handles one event at time `nowMs` (monotone milliseconds).
   * @throws MusterError `ERR_INTERNAL` only: a peer's bad message is an effect.
   */
  handle(event: ServerEvent, nowMs: number): ServerEffect[] {
    this.#at(nowMs);
    if (event.type === 'classify') this.#ask(event);
    else if (!this.#isEnded) this.#dispatch(event);
    return this.#settle();
  }

  #at(nowMs: number): void {
    this.#nowMs = nowMs;
    this.#shard.at(nowMs);
    this.#succession.at(nowMs);
    this.coordinator?.at(nowMs);
  }

  #dispatch(event: Exclude<ServerEvent, { type: 'classify' }>): void {
    switch (event.type) {
      case 'connected':
        return this.coordinator?.connected(event.connection);
      case 'linked':
        return this.#onLinked(event);
      case 'unreachable':
        return this.#onUnreachable(event);
      case 'packet':
        return this.#router.route(event.connection, event.packet, this.#nowMs);
      case 'disconnected':
        return this.#onDisconnected(event.connection);
      case 'restored':
        return this.#onRestored(event);
      case 'restore-failed':
        return this.#onRestoreFailed(event);
      case 'checkpoints':
        this.#link.setCheckpoints(event.checkpoints);
        return this.#joinCoordinator();
      case 'checkpoint-done':
        if (event.ok) this.#link.addCheckpoint(event.version);
        return this.#shard.checkpointDone(event.version, event.ok);
      case 'tick':
        return this.#onTick();
      case 'drain':
        if (this.coordinator) return this.coordinator.drain();
        return this.#end({ outcome: 'drained' });
      default:
        return unreachable(event);
    }
  }

  // ---- the live page --------------------------------------------------------

  #ask(question: Extract<ServerEvent, { type: 'classify' }>): void {
    if (this.coordinator && !this.#isEnded) {
      return this.coordinator.ask(question);
    }
    const { requestId } = question;
    const message = 'this server has no workers: it does not lead the run';
    const code = 'ERR_NO_WORKERS';
    this.#out.add({ type: 'not-classified', requestId, code, message });
  }

  // ---- connections, disks and time ----------------------------------------

  #onLinked({ link, connection }: Extract<ServerEvent, { type: 'linked' }>) {
    if (!this.#links.linked(link, connection, this.#nowMs)) return;
    if (link === 'coordinator') this.#joinCoordinator();
    else this.#succession.linked(connection);
  }

  #onUnreachable({ link }: Extract<ServerEvent, { type: 'unreachable' }>) {
    this.#links.unreachable(link, this.#nowMs);
    if (link === 'primary') this.#succession.primaryGone();
  }

  #onDisconnected(connection: number): void {
    const link = this.#links.disconnected(connection, this.#nowMs);
    if (link === 'primary') this.#succession.unlinked();
    if (link !== undefined) return;
    this.#shard.disconnected(connection);
    const { coordinator } = this;
    if (coordinator === undefined) return;
    if (coordinator.onShardGone(connection, 'connection lost')) return;
    coordinator.onWorkerGone(connection);
  }

  #onRestored(event: Extract<ServerEvent, { type: 'restored' }>): void {
    const { version, parameters, slots, ledger } = event;
    // it may have been told to read another one meanwhile
    if (!this.#shard.isRestoring(version)) return;
    this.coordinator?.replaceLedger(ledger);
    this.#shard.restored({ version, parameters, slots });
  }

  #onRestoreFailed(
    event: Extract<ServerEvent, { type: 'restore-failed' }>,
  ): void {
    this.#link.setCheckpoints(event.checkpoints);
    if (!this.#shard.isRestoring(event.version)) return;
    this.#shard.restoreFailed();
    this.#joinCoordinator();
  }

  #onTick(): void {
    // who slept has not read yet what the others said meanwhile
    if (this.#sleep.isWaking(this.#nowMs, this.#options.leaseMs)) return;
    const silent = this.#links.tick(this.#nowMs);
    if (silent.includes('primary')) this.#succession.primaryGone();
    this.#shard.tick();
    this.coordinator?.tick();
  }

  // ---- the coordinator, and the end ---------------------------------------

  #coordinate(term: number, ledger: LedgerState, isTakeOver: boolean): void {
    const start = {
      ...this.#options,
      ...{ run: this.#run, ledger, term, out: this.#out },
      ...{ nowMs: this.#nowMs, isTakeOver },
    };
    this.#link.coordinate(start, this.#shard);
  }

  #joinCoordinator(): void {
    this.#link.join(this.#shard, this.role);
  }

  #end(end: RunEnd): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#out.add({ type: 'end', end });
  }

  #settle(): ServerEffect[] {
    this.#link.settle(() => this.#tellFollowers());
    const end = this.coordinator?.end;
    if (end && !this.#isEnded) {
      this.#isEnded = true;
      const { outcome } = end;
      const reason = outcome === 'drained' ? 'stopping' : outcome;
      if (reason !== 'replaced') this.#shard.followers.tellEnd(reason);
    }
    this.coordinator?.settleQuestions(this.#isEnded);
    return this.#out.take();
  }

  #tellFollowers(): void {
    const { shard, followers } = this.#shard;
    const ledger = this.coordinator?.ledger;
    if (shard && ledger) followers.tellLedger(ledger, shard.version);
  }
}

function positionOf({ shard, ranges }: ServerOptions): ShardPosition {
  const range = ranges[shard];
  if (range === undefined) throw new RangeError(`no range of shard ${shard}`);
  const { begin, end } = range;
  return { shard, numShards: ranges.length, begin, end };
}
