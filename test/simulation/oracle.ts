/**
 * Sees everything that happens in a cluster and says at once when a promise
 * is broken.
 */
import { boundsOf, Plan } from '@muster/cluster';
import type {
  RunReport,
  ServerEffect,
  ServerEvent,
  WorkerEffect,
} from '@muster/cluster';
import type { Packet } from '@muster/protocol';
import { referenceOf } from './reference.js';
import type { Reference } from './reference.js';
import type { Scenario } from './scenario.js';
import type { SimulatedServer } from './simulated-server.js';
import { SimulatedWorker } from './simulated-worker.js';
import { hashOf } from './tiny-run.js';

/** Pushes that one worker may have unanswered. */
const MAX_UNANSWERED = 40;
/** Pushes that one server may hold back, a worker. */
const MAX_HELD = 8;

interface Memory {
  version: number;
  /** Hashes of the versions that were seen, for what is sent of them. */
  readonly hashes: Map<number, number>;
  readonly applied: Set<string>;
}

/** Where a promise was broken. */
export class Violation extends Error {
  override readonly name = 'Violation';
}

/** See the head of this file. */
export class Oracle {
  readonly #scenario: Scenario;
  readonly #plan: Plan;
  readonly #reference: Reference | undefined;
  readonly #maxStaleness: number;
  readonly #memories = new Map<SimulatedServer, Memory>();
  /** By server and worker: the newest life that has subscribed. */
  readonly #lives = new Map<SimulatedServer, Map<string, number>>();
  readonly reports: RunReport[] = [];

  constructor(scenario: Scenario) {
    const { run } = scenario;
    this.#scenario = scenario;
    this.#plan = new Plan(run);
    this.#reference = this.#plan.isOnArrival ? undefined : referenceOf(run);
    this.#maxStaleness = boundsOf(run.consistency).maxStaleness;
  }

  /** After each event of a server. */
  handled(
    server: SimulatedServer,
    event: ServerEvent | undefined,
    effects: readonly ServerEffect[],
  ): void {
    this.#checkVersion(server, event);
    this.#checkLife(server, event, effects);
    const numWorkers = this.#scenario.numWorkers + this.#scenario.faults.length;
    if (server.machine.numHeld > MAX_HELD * numWorkers) {
      this.#fail(`${server.name} holds ${server.machine.numHeld} pushes back`);
    }
    let numApplied = server.order.length;
    for (const effect of effects) {
      if (effect.type === 'send') this.#checkSent(server, effect.packet);
      else if (effect.type === 'broadcast') {
        this.#checkSent(server, effect.packet);
      } else if (effect.type === 'order') {
        if (effect.entry) this.#checkOrder(server, effect, numApplied++);
        else numApplied = effect.start;
      }
    }
  }

  /** After each event of a worker. */
  workerHandled(
    worker: SimulatedWorker,
    effects: readonly WorkerEffect[],
  ): void {
    const { numUnanswered } = worker.machine;
    if (numUnanswered > MAX_UNANSWERED) {
      this.#fail(`${worker.name} has ${numUnanswered} pushes unanswered`);
    }
    for (const effect of effects) {
      if (effect.type !== 'compute' || !this.#reference) continue;
      const { task, parameters } = effect;
      const version = task.kind === 'gradient' ? task.base : task.version;
      const expected = this.#reference.versions[version];
      if (expected && hashOf(expected) !== hashOf(parameters)) {
        this.#fail(
          `${worker.name} computes ${task.kind} from parameters that are not version ${version}`,
        );
      }
    }
  }

  /** Stops the simulation with what is wrong. */
  fail(message: string): never {
    this.#fail(message);
  }

  #checkVersion(server: SimulatedServer, event: ServerEvent | undefined): void {
    const { shard } = server.machine;
    if (shard === undefined) return;
    const isState =
      event?.type === 'packet' &&
      ['state', 'ledger'].includes(event.packet.message.type);
    let memory = this.#memories.get(server);
    if (!memory || event?.type === 'restored' || isState) {
      memory = { version: -1, hashes: new Map(), applied: new Set() };
      this.#memories.set(server, memory);
    }
    if (shard.version < memory.version) {
      this.#fail(
        `${server.name} went from version ${memory.version} back to ${shard.version} without a checkpoint`,
      );
    }
    if (shard.version === memory.version) return;
    memory.version = shard.version;
    const hash = hashOf(shard.parameters);
    memory.hashes.set(shard.version, hash);
    const expected = this.#expectedAt(server, shard.version);
    if (expected !== undefined && expected !== hash) {
      this.#fail(
        `${server.name} has other parameters of version ${shard.version} than one process would have`,
      );
    }
  }

  #expectedAt(server: SimulatedServer, version: number): number | undefined {
    const whole = this.#reference?.versions[version];
    const { shard } = server.machine;
    if (!whole || !shard) return undefined;
    return hashOf(whole.subarray(shard.begin, shard.end));
  }

  #checkSent(server: SimulatedServer, { message, payload }: Packet): void {
    if (message.type === 'received') {
      const { staleness = 0, step, firstLeaf } = message;
      if (staleness > this.#maxStaleness) {
        this.#fail(
          `${server.name} applied leaf ${firstLeaf} of step ${step} at a staleness of ${staleness}, above ${this.#maxStaleness}`,
        );
      }
    }
    if (message.type !== 'parameters' || !payload) return;
    const { version } = message;
    const known =
      this.#expectedAt(server, version) ??
      this.#memories.get(server)?.hashes.get(version);
    const { buffer, byteOffset, byteLength } = payload;
    const sent = new Float32Array(buffer, byteOffset, byteLength / 4);
    if (known !== undefined && known !== hashOf(sent)) {
      this.#fail(
        `${server.name} sent other parameters as version ${version} than it has made`,
      );
    }
  }

  #checkOrder(
    server: SimulatedServer,
    { entry }: Extract<ServerEffect, { type: 'order' }>,
    numApplied: number,
  ): void {
    if (entry === undefined) return;
    const { step, leaf, bases } = entry;
    const key = `${step}/${leaf}`;
    const isIn = server.order.some(
      (one) => one.step === step && one.leaf === leaf,
    );
    const memory = this.#memories.get(server);
    if (isIn || memory?.applied.has(key) === true) {
      this.#fail(`${server.name} applied leaf ${leaf} of step ${step} twice`);
    }
    memory?.applied.add(key);
    // as many were applied as there are versions
    const staleness = numApplied - (bases[server.shard] ?? 0);
    if (staleness < 0 || staleness > this.#maxStaleness) {
      this.#fail(
        `${server.name} applied leaf ${leaf} of step ${step} at a staleness of ${staleness}, above ${this.#maxStaleness}`,
      );
    }
  }

  /** Frames of an older life of a worker are not accepted after a newer one. */
  #checkLife(
    server: SimulatedServer,
    event: ServerEvent | undefined,
    effects: readonly ServerEffect[],
  ): void {
    if (event?.type !== 'packet') return;
    const { message } = event.packet;
    if (message.type !== 'subscribe' && message.type !== 'push') return;
    const peer = server.peerOf(event.connection);
    if (!(peer instanceof SimulatedWorker)) return;
    const lives = this.#lives.get(server) ?? new Map<string, number>();
    this.#lives.set(server, lives);
    const newest = lives.get(peer.name) ?? 0;
    if (message.type === 'subscribe') {
      lives.set(peer.name, Math.max(newest, peer.life));
      return;
    }
    if (peer.life >= newest) return;
    const isAccepted = effects.some(
      (effect) =>
        effect.type === 'send' &&
        effect.connection === event.connection &&
        effect.packet.message.type === 'push-result' &&
        effect.packet.message.outcome === 'accepted',
    );
    if (!isAccepted) return;
    this.#fail(
      `${server.name} accepted a push of life ${peer.life} of ${peer.name} after its life ${newest} had subscribed`,
    );
  }

  #fail(message: string): never {
    throw new Violation(message);
  }
}
