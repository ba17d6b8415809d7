/**
 * One direction of a proxied connection: bytes in their order, held back as
 * the link's conditions say, and never more of them than a limit.
 */
import type { Socket } from 'node:net';

/** A slow link, for each direction of each connection. */
export interface SlowLink {
  readonly bytesPerSecond: number;
  /** Added to the way of each byte, milliseconds. */
  readonly latencyMs: number;
}

/** What a link does to what passes. */
export interface LinkConditions {
  /** Undefined: as fast as it goes. */
  readonly slow: SlowLink | undefined;
}

/** The source is not read while this many bytes are held. */
export const MAX_HELD_BYTES = 256 * 1024;

interface Held {
  readonly chunk: Buffer;
  readonly dueMs: number;
}

/** See the head of this file. Ends with its sockets, or by `freeze`. */
export class Flow {
  readonly #from: Socket;
  readonly #to: Socket;
  readonly #conditions: LinkConditions;
  #held: Held[] = [];
  #heldBytes = 0;
  #lastDueMs = 0;
  #timer: NodeJS.Timeout | undefined;
  #isBlocked = false;
  #isFrozen = false;
  #isOver = false;

  /** @param conditions is looked at for each chunk: it may change. */
  constructor(from: Socket, to: Socket, conditions: LinkConditions) {
    this.#from = from;
    this.#to = to;
    this.#conditions = conditions;
    from.on('data', (chunk: Buffer) => this.#take(chunk));
    from.on('end', () => {
      this.#isOver = true;
      this.#deliver();
    });
    to.on('drain', () => {
      this.#isBlocked = false;
      this.#deliver();
    });
  }

  /** Bytes that were read and have not left this process. */
  get heldBytes(): number {
    return this.#heldBytes + this.#to.writableLength;
  }

  /** Hands on what is held, at once: the link is fast again. */
  hurry(): void {
    this.#held = this.#held.map(({ chunk }) => ({ chunk, dueMs: 0 }));
    this.#lastDueMs = 0;
    this.#deliver();
  }

  /** Nothing passes from now on, not even an end. For good. */
  freeze(): void {
    this.#isFrozen = true;
    this.stop();
    this.#from.pause();
  }

  /** Clears the timer; the sockets are destroyed by the owner. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #take(chunk: Buffer): void {
    this.#held.push({ chunk, dueMs: this.#dueMs(chunk.byteLength) });
    this.#heldBytes += chunk.byteLength;
    this.#deliver();
  }

  /** Bytes follow each other at the link's rate, each late by its latency. */
  #dueMs(numBytes: number): number {
    const { slow } = this.#conditions;
    if (slow === undefined) return this.#lastDueMs;
    const nowMs = performance.now();
    const tookMs = (numBytes * 1000) / slow.bytesPerSecond;
    const free = Math.max(this.#lastDueMs, nowMs + slow.latencyMs);
    this.#lastDueMs = free + tookMs;
    return this.#lastDueMs;
  }

  #deliver(): void {
    if (this.#isFrozen || this.#to.destroyed) return;
    this.stop();
    for (;;) {
      const next = this.#held[0];
      if (next === undefined || this.#isBlocked) break;
      const waitMs = next.dueMs - performance.now();
      if (waitMs > 0) {
        this.#timer = setTimeout(() => this.#deliver(), Math.ceil(waitMs));
        break;
      }
      this.#held.shift();
      this.#heldBytes -= next.chunk.byteLength;
      this.#isBlocked = !this.#to.write(next.chunk);
    }
    this.#readOn();
  }

  /** Reads while there is room; passes the end on after the last byte. */
  #readOn(): void {
    if (this.#isBlocked || this.#heldBytes >= MAX_HELD_BYTES) {
      this.#from.pause();
    } else this.#from.resume();
    if (this.#isOver && this.#held.length === 0) this.#to.end();
  }
}
