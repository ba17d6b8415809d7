/**
 * Where a shard's pushes arrive: each is decided on, answered, and told to
 * the coordinator; a new version goes out to everybody who works on it.
 */
import type { MessageOf, Packet, WireFormat } from '@muster/protocol';
import type { OrderEntry } from '../server/effects.js';
import type { Followers } from './followers.js';
import type { HeldParameters } from './held-parameters.js';
import type { Outbox } from '../server/outbox.js';
import { refused } from './push-decision.js';
import type { AppliedStep, PushDecision } from './push-decision.js';
import { decodeSlice } from '../formats/slice-format.js';
import type { Subscribers } from './subscribers.js';

type Push = Packet<MessageOf<'push'>>;

/** What the desk works with. */
export interface PushDeskParts {
  readonly held: HeldParameters;
  readonly out: Outbox;
  readonly subscribers: Subscribers;
  readonly followers: Followers;
  /** Is given what the coordinator has to know, in order. */
  readonly tell: (word: MessageOf<'received'>) => void;
}

/** See the head of this file. */
export class PushDesk {
  readonly #parts: PushDeskParts;
  /** Pushes that wait for a follower to catch up. */
  #waiting: { readonly connection: number; readonly packet: Push }[] = [];
  #isReleasing = false;

  constructor(parts: PushDeskParts) {
    this.#parts = parts;
  }

  /** Pushes that wait for a follower to catch up. */
  get numWaiting(): number {
    return this.#waiting.length;
  }

  /** Decides on a push, or lets it wait. */
  push(connection: number, packet: Push): void {
    const { held, out, subscribers, followers } = this.#parts;
    if (subscribers.nameOf(connection) === undefined) {
      const text = `'push' came before 'subscribe', or from a replaced session`;
      return out.close(connection, 'ERR_NOT_JOINED', text);
    }
    const { shard, isServing } = held;
    if (shard !== undefined && isServing && !followers.areClose) {
      // the follower is never more than one version behind
      if (shard.completes(packet.message)) {
        this.#waiting.push({ connection, packet });
        return;
      }
    }
    const decision = this.#decide(packet);
    this.#answer(connection, packet.message, decision);
    if (decision.outcome !== 'accepted' || !decision.applied) return;
    this.#publish(connection, decision.applied);
    if (shard?.plan.isOnArrival === true) this.#record(packet.message);
  }

  /** Decides on what has waited. */
  release(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#isReleasing = true;
    for (const { connection, packet } of waiting) this.push(connection, packet);
    this.#isReleasing = false;
  }

  /** Forgets what came on a connection: it will be sent again. */
  forget(connection: number): void {
    this.#waiting = this.#waiting.filter(
      (waiting) => waiting.connection !== connection,
    );
  }

  #decide({ message, payload }: Push): PushDecision {
    const { shard, isServing, position, term } = this.#parts.held;
    if (shard === undefined || !isServing) return { outcome: 'stale' };
    // From before servers were lost: where the order of arrival decides, it is
    // of a history that was given up. Where it does not, it is as good as ever,
    // but makes no version: who came back may still need an older one.
    const isOld = message.term !== term;
    if (isOld && shard.completes(message)) return { outcome: 'stale' };
    const { wire } = shard;
    if (message.dtype !== wire) return refusedFormat(message, wire);
    const slice = decodeSlice(payload, message.end - message.begin, wire);
    const base = message.bases[position.shard] ?? -1;
    return shard.push({ ...message, slice, base });
  }

  #answer(
    connection: number,
    push: MessageOf<'push'>,
    decision: PushDecision,
  ): void {
    const { held, out, subscribers, tell } = this.#parts;
    const { outcome } = decision;
    const version = held.shard?.version ?? 0;
    const refusal =
      decision.outcome === 'refused'
        ? { code: decision.code, message: decision.message }
        : undefined;
    const result = { pushId: push.pushId, outcome, version, ...refusal };
    out.send(connection, { message: { type: 'push-result', ...result } });
    const { taskId, step, firstLeaf, numLeaves } = push;
    const { count, lossSum, correct, phases } = push;
    const accepted = decision.outcome === 'accepted' ? decision : undefined;
    tell({
      type: 'received',
      workerId: subscribers.nameOf(connection) ?? 'unknown',
      ...{ taskId, step, firstLeaf, numLeaves, outcome, version },
      ...{ count, lossSum, correct, phases },
      ...(accepted && { staleness: accepted.staleness }),
      ...(accepted?.applied && { applied: reportOf(accepted.applied) }),
      ...(refusal && { message: refusal.message }),
    });
  }

  /** Gives a new version to everybody who works on it. */
  #publish(connection: number, applied: AppliedStep): void {
    const { held, out, subscribers, followers } = this.#parts;
    const { shard } = held;
    if (shard === undefined) return;
    followers.replicate(shard, applied);
    const { version, parameters, plan } = shard;
    // the next version may be made before this one is encoded
    const slice = this.#isReleasing ? parameters.slice() : parameters;
    const packet = held.packet(version, slice);
    if (plan.isOnArrival) return out.send(connection, packet);
    const { connections } = subscribers;
    out.add({ type: 'broadcast', connections, packet });
  }

  #record({ step, firstLeaf, bases }: MessageOf<'push'>): void {
    const { out, held } = this.#parts;
    const entry: OrderEntry = { step, leaf: firstLeaf, bases };
    out.add({ type: 'order', start: held.startVersion, entry });
  }
}

/** Rounded by the worker alone, or not at all, it would be other bits. */
function refusedFormat(
  { dtype, firstLeaf, numLeaves, step }: MessageOf<'push'>,
  wire: WireFormat,
): PushDecision {
  const last = firstLeaf + numLeaves - 1;
  const message = `the slice of leaves ${firstLeaf} to ${last} of step ${step} was pushed as ${dtype}, the run's slices are ${wire} (--wire)`;
  return refused('ERR_SHAPE_MISMATCH', message);
}

function reportOf(applied: AppliedStep): MessageOf<'received'>['applied'] {
  const { step, count, lossSum, correct, learningRate, squaredNorm } = applied;
  return { step, count, lossSum, correct, learningRate, squaredNorm };
}
