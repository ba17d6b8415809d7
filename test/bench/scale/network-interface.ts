/**
 * How bytes get from machine to machine in a simulation: what a machine sends
 * and what it receives has the whole rate each (full duplex), connections
 * take turns chunk by chunk, and the network between has no limit of its own.
 */
import type { Timeline } from './timeline.js';

interface Chunk {
  readonly bytes: number;
  readonly arrived: () => void;
}

/** One direction between two machines; in order. */
export interface Flow {
  readonly to: NetworkInterface;
  /** Written and not yet sent. */
  readonly waiting: Chunk[];
}

/** How fast a network is. */
export interface NetworkSpeed {
  /** Each way. Infinity: within one machine. */
  readonly bytesPerMs: number;
  /** From the first bit's start to its arrival. Milliseconds. */
  readonly latencyMs: number;
}

/** Bytes a millisecond of a network of so many gigabits a second. */
export function bytesPerMsOf(gigabits: number): number {
  return (gigabits * 1e9) / 8 / 1000;
}

/** What connects one machine. */
export class NetworkInterface {
  /** Time that it took to send so far. Milliseconds. */
  sendingMs = 0;
  /** Time that it took to receive so far. Milliseconds. */
  receivingMs = 0;
  bytesSent = 0;
  bytesReceived = 0;
  readonly #timeline: Timeline;
  readonly #speed: NetworkSpeed;
  /** Flows that have something to send, in turn. */
  readonly #turns: Flow[] = [];
  #isSending = false;
  #receivesUntilMs = 0;

  constructor(timeline: Timeline, speed: NetworkSpeed) {
    this.#timeline = timeline;
    this.#speed = speed;
  }

  /** Hands a chunk over to be sent; calls back when it is there. */
  write(flow: Flow, bytes: number, arrived: () => void): void {
    flow.waiting.push({ bytes, arrived });
    if (flow.waiting.length === 1) this.#turns.push(flow);
    if (!this.#isSending) this.#sendNext();
  }

  #sendNext(): void {
    const flow = this.#turns.shift();
    this.#isSending = flow !== undefined;
    if (flow === undefined) return;
    const { bytes, arrived } = flow.waiting[0] as Chunk;
    const { nowMs } = this.#timeline;
    const { bytesPerMs, latencyMs } = this.#speed;
    const durationMs = bytes / bytesPerMs;
    this.sendingMs += durationMs;
    this.bytesSent += bytes;
    this.#timeline.at(flow.to.#receive(bytes, nowMs + latencyMs), arrived);
    this.#timeline.at(nowMs + durationMs, () => {
      flow.waiting.shift();
      if (flow.waiting.length > 0) this.#turns.push(flow);
      this.#sendNext();
    });
  }

  /**
   * Receives what begins to arrive at this time, after what came before.
   * @returns when it is there. Milliseconds.
   */
  #receive(bytes: number, beginMs: number): number {
    const durationMs = bytes / this.#speed.bytesPerMs;
    this.receivingMs += durationMs;
    this.bytesReceived += bytes;
    const startMs = Math.max(beginMs, this.#receivesUntilMs);
    this.#receivesUntilMs = startMs + durationMs;
    return this.#receivesUntilMs;
  }
}
