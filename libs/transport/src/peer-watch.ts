/**
 * Watches one peer that has passed the door: whether it says who it is in
 * time, sends what it has begun, reads what waits for it, and does not talk
 * faster than it can be listened to.
 */
import type { Socket } from 'node:net';
import { performance } from 'node:perf_hooks';
import { MusterError } from '@muster/protocol';
import type { WebSocket } from 'ws';
import type { Connection } from './connection.js';
import { namedLimit, type ListenerLimits } from './limits.js';
import { RateWindow } from './rate-window.js';

const SECOND_MS = 1000;

/** See the head of this file. */
export class PeerWatch {
  readonly #connection: Connection;
  readonly #socket: Socket;
  readonly #limits: ListenerLimits;
  readonly #sends: RateWindow;
  readonly #reads: RateWindow;
  readonly #openedAtMs = performance.now();
  /** Frames, and pings and pongs, that came since `#countedFromMs`. */
  #numFrames = 0;
  #countedFromMs = performance.now();
  #hasSpoken = false;
  /** Bytes that had come when the last frame was whole. */
  #wholeAtBytes: number;
  /** Written bytes that the kernel had taken at the last look. */
  #taken = 0;
  /** Of the write in flight, what the kernel had not taken then. */
  #inFlight = 0;
  /** Bytes the peer has made room for, as far as can be seen. */
  #drained = 0;

  /** Call before the connection's own listeners are there. */
  constructor(
    connection: Connection,
    webSocket: WebSocket,
    socket: Socket,
    limits: ListenerLimits,
  ) {
    const { minBytesPerSecond, slowWindowMs } = limits;
    this.#connection = connection;
    this.#socket = socket;
    this.#limits = limits;
    this.#sends = new RateWindow(minBytesPerSecond, slowWindowMs);
    this.#reads = new RateWindow(minBytesPerSecond, slowWindowMs);
    this.#wholeAtBytes = socket.bytesRead;
    webSocket.on('message', () => {
      this.#hasSpoken = true;
      this.#heard();
    });
    webSocket.on('ping', () => this.#heard());
    webSocket.on('pong', () => this.#heard());
  }

  /** Looks; ends the connection if it does not keep a limit. */
  look(nowMs: number): void {
    const error =
      this.#silence(nowMs) ??
      this.#slowSender(nowMs) ??
      this.#slowReader(nowMs);
    if (error) this.#connection.fail(error);
  }

  #heard(): void {
    this.#wholeAtBytes = this.#socket.bytesRead;
    const { maxFramesPerSecond } = this.#limits;
    if (++this.#numFrames <= maxFramesPerSecond) return;
    const nowMs = performance.now();
    const isTooMany = nowMs - this.#countedFromMs < SECOND_MS;
    this.#countedFromMs = nowMs;
    this.#numFrames = 0;
    if (isTooMany) this.#connection.fail(this.#tooMany(maxFramesPerSecond));
  }

  #silence(nowMs: number): MusterError | undefined {
    const { firstFrameTimeoutMs } = this.#limits;
    if (this.#hasSpoken) return undefined;
    if (nowMs - this.#openedAtMs < firstFrameTimeoutMs) return undefined;
    return new MusterError(
      'ERR_REQUEST_TIMEOUT',
      `${this.#connection.remote} has connected and said nothing: expected a frame within ${firstFrameTimeoutMs} ms (${namedLimit('firstFrameTimeoutMs')})`,
    );
  }

  /** A frame is open while bytes have come since the last whole one. */
  #slowSender(nowMs: number): MusterError | undefined {
    const { bytesRead: bytes } = this.#socket;
    const isOpen = bytes > this.#wholeAtBytes;
    const of = isOpen ? this.#wholeAtBytes : undefined;
    const speed = this.#sends.look({ of, bytes }, nowMs);
    return speed === undefined ? undefined : this.#tooSlow('sends', speed);
  }

  #slowReader(nowMs: number): MusterError | undefined {
    const { writableLength, bytesWritten } = this.#socket;
    const taken = bytesWritten - writableLength;
    const inFlight = unsentBytes(this.#socket);
    // a write that ended counts whole; one in flight by what has left it
    this.#drained +=
      taken > this.#taken
        ? taken - this.#taken
        : Math.max(0, this.#inFlight - inFlight);
    this.#taken = taken;
    this.#inFlight = inFlight;
    const of = writableLength > 0 ? 0 : undefined;
    const speed = this.#reads.look({ of, bytes: this.#drained }, nowMs);
    return speed === undefined ? undefined : this.#tooSlow('reads', speed);
  }

  #tooSlow(does: 'sends' | 'reads', speed: number): MusterError {
    const { minBytesPerSecond, slowWindowMs } = this.#limits;
    return new MusterError(
      'ERR_CONNECTION_LOST',
      `${this.#connection.remote} ${does} too slowly: ${Math.round(speed)} bytes a second over ${slowWindowMs} ms, expected at least ${minBytesPerSecond} (${namedLimit('minBytesPerSecond')})`,
    );
  }

  #tooMany(limit: number): MusterError {
    return new MusterError(
      'ERR_CONNECTION_LOST',
      `${this.#connection.remote} sends too many frames: expected at most ${limit} a second (${namedLimit('maxFramesPerSecond')})`,
    );
  }
}

/**
 * Of the write in flight, what the kernel has not taken. Node's public count
 * moves when a whole write is done, which for a long frame on a slow line is
 * minutes; its own `setTimeout` of sockets looks here for progress too.
 */
function unsentBytes(socket: Socket): number {
  const { _handle: handle } = socket as Socket & {
    readonly _handle?: { readonly writeQueueSize?: number } | null;
  };
  return handle?.writeQueueSize ?? 0;
}
