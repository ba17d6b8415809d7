/**
 * What each server's metrics show of itself: its version, its connections'
 * bytes, its part in the work, its checkpoints.
 */
import type { ServerEffect, ServerEvent, ServerMachine } from '@muster/cluster';
import { squaredNorm } from '@muster/optimizer';
import { rawPayloadBytes } from '@muster/protocol';
import { Traffic } from '@muster/telemetry';
import type { Counted, ServerMetrics } from '@muster/telemetry';
import type { CheckpointOutcome } from '../checkpoint-queue.js';
import type { Snapshot } from '../run-state.js';

/** See the head of this file. */
export class ServerMeter {
  readonly #metrics: ServerMetrics;
  readonly #machine: Pick<ServerMachine, 'shard'>;
  readonly #traffic: Traffic;
  #version: number | undefined;

  /** @param connections those that are there. */
  constructor(
    metrics: ServerMetrics,
    machine: Pick<ServerMachine, 'shard'>,
    connections: () => Iterable<Counted>,
  ) {
    this.#metrics = metrics;
    this.#machine = machine;
    this.#traffic = new Traffic(connections);
  }

  /** Hears of an event and how long the brain took for it. Milliseconds. */
  handled(
    event: ServerEvent,
    effects: readonly ServerEffect[],
    tookMs: number,
  ): void {
    const before = this.#version;
    this.#version = this.#machine.shard?.version;
    for (const effect of effects) this.#send(effect);
    if (event.type !== 'packet') return;
    const { packet } = event;
    this.#traffic.receivedRaw(rawPayloadBytes(packet));
    if (packet.message.type !== 'push') return;
    const isApplied = this.#version !== before;
    this.#metrics.observePhasesMs(
      isApplied ? { apply: tookMs } : { sum: tookMs },
    );
  }

  /** A connection has ended. */
  connectionClosed(connection: Counted): void {
    this.#traffic.ended(connection);
  }

  /**
   * Hears what became of a checkpoint.
   * @param writtenAtMs Unix time.
   */
  checkpointDone(
    outcome: CheckpointOutcome<Snapshot>,
    writtenAtMs: number,
  ): void {
    if (outcome.outcome === 'skipped') return;
    if (outcome.outcome === 'failed') {
      return this.#metrics.countCheckpointFailure();
    }
    const { snapshot, seconds } = outcome;
    const vectors = [snapshot.parameters, ...Object.values(snapshot.slots)];
    this.#metrics.checkpointWritten({
      durationMs: seconds * 1000,
      numBytes: vectors.reduce((sum, { byteLength }) => sum + byteLength, 0),
      writtenAtMs,
      // beside the training: it would be one more pass over the parameters
      parameterNorm: Math.sqrt(squaredNorm(snapshot.parameters)),
    });
  }

  /** Brings up to date what nobody tells of. */
  refresh(): void {
    const { version } = this.#machine.shard ?? {};
    if (version !== undefined) this.#metrics.setStep(version);
    this.#metrics.setTraffic(this.#traffic.totals);
  }

  #send(effect: ServerEffect): void {
    if (effect.type !== 'send' && effect.type !== 'broadcast') return;
    const num = effect.type === 'send' ? 1 : effect.connections.length;
    this.#traffic.sendingRaw(num * rawPayloadBytes(effect.packet));
  }
}
