/**
 * One end of a live WebSocket: packets out, packets in, and one reason why it
 * ended. Both ends of a cluster use this same class.
 */
import {
  MusterError,
  decodeFrame,
  encodeFrameParts,
  joinParts,
  maxFrameBytes,
  toMusterError,
  type EncodedParts,
  type Packet,
} from '@muster/protocol';
import type { WebSocket } from 'ws';
import {
  CLOSE_CODES,
  GOING_AWAY,
  NORMAL_CLOSE,
  closeError,
  closeReason,
  errorCodeOf,
} from './close-codes.js';
import type { ConnectionLimits } from './limits.js';
import type { PeerCertificate } from './peer-certificate.js';
import { isNote, notedBytes } from './shared-memory.js';
import type { SharedMemory } from './shared-memory.js';

/** A live connection. It ends once; everything after that does nothing. */
export interface Connection extends AsyncDisposable {
  /** The peer as logs name it: `127.0.0.1:40122`, `unix`, or the URL dialled. */
  readonly remote: string;
  /**
   * Of the peer that has connected here, where mutual TLS has checked one; a
   * connection that was dialled has none.
   */
  readonly certificate: PeerCertificate | undefined;
  /**
   * Resolves when the socket is gone, never rejects: undefined after an
   * orderly close of either side, else what ended it.
   */
  readonly closed: Promise<MusterError | undefined>;
  /** Bytes that wait here because the peer has not read them yet. */
  readonly bufferedBytes: number;
  /** Bytes of the frames sent so far, without WebSocket's own. */
  readonly bytesSent: number;
  /** Bytes of the frames received so far, without WebSocket's own. */
  readonly bytesReceived: number;
  /** Frames sent and received so far. */
  readonly framesSent: number;
  readonly framesReceived: number;

  /**
   * Encodes and sends. Does not wait; what the peer is too slow to read is
   * bounded by `maxBufferedBytes`. Does nothing once the connection ends.
   *
   * @throws MusterError ERR_INTERNAL for a packet that is no valid message
   */
  send(packet: Packet): void;
  /**
   * Sends a frame that `encodeFrame` made, as it is: one frame may go to many
   * connections. Its bytes must not change afterwards.
   */
  sendEncoded(frame: Uint8Array): void;
  /**
   * Begins the closing handshake, after what is still to be sent. Packets
   * that arrive later are dropped. Idempotent; ends within `closeTimeoutMs`.
   *
   * @param code 1000 (the default) for an orderly end, or 4000 to 4999
   */
  close(code?: number, reason?: string): void;
  /** Closes with the error's own close code; `closed` resolves with it. */
  fail(error: MusterError): void;
  /** Destroys the socket at once, with no word to the peer. */
  terminate(): void;
}

/** What happens on a connection. The functions must not throw. */
export interface ConnectionHandlers {
  /**
   * A valid packet came. It and its payload's bytes belong to the handler,
   * which may write to them. Not called once the connection ends here.
   */
  readonly onPacket: (packet: Packet, connection: Connection) => void;
  /** The connection has ended; called once, with what `closed` resolves with. */
  readonly onClosed?: (
    error: MusterError | undefined,
    connection: Connection,
  ) => void;
}

/** A {@link Connection} over an open WebSocket. */
export class SocketConnection implements Connection {
  readonly remote: string;
  readonly certificate: PeerCertificate | undefined;
  readonly closed: Promise<MusterError | undefined>;
  bytesSent = 0;
  bytesReceived = 0;
  framesSent = 0;
  framesReceived = 0;
  readonly #socket: WebSocket;
  readonly #limits: ConnectionLimits;
  /** Where the peer's process has one with this one; closed here. */
  readonly #shared: SharedMemory | undefined;
  #handlers: ConnectionHandlers | undefined;
  /** Closed, failed or terminated by this side. */
  #isEnding = false;
  /** Why, as far as this side knows. */
  #error: MusterError | undefined;
  #resolveClosed: (error: MusterError | undefined) => void = () => undefined;

  constructor(
    socket: WebSocket,
    remote: string,
    limits: ConnectionLimits,
    certificate?: PeerCertificate,
    shared?: SharedMemory,
  ) {
    this.#socket = socket;
    this.remote = remote;
    this.certificate = certificate;
    this.#limits = limits;
    this.#shared = shared;
    this.closed = new Promise((resolve) => {
      this.#resolveClosed = resolve;
    });
  }

  /** Starts to listen; in the same tick as the socket opened. */
  attach(handlers: ConnectionHandlers): this {
    this.#handlers = handlers;
    this.#socket.on('message', (data, isBinary) => {
      this.#onMessage(data as Buffer, isBinary);
    });
    this.#socket.on('error', (error) => this.#onSocketError(error));
    this.#socket.on('close', (code, reason) => {
      this.#onSocketClosed(code, reason.toString());
    });
    return this;
  }

  get bufferedBytes(): number {
    return this.#socket.bufferedAmount;
  }

  send(packet: Packet): void {
    if (this.#isOpen) this.#sendParts(encodeFrameParts(packet));
  }

  sendEncoded(frame: Uint8Array): void {
    if (this.#isOpen) this.#sendParts([frame]);
  }

  close(code: number = NORMAL_CLOSE, reason = ''): void {
    if (code === NORMAL_CLOSE || code === GOING_AWAY) {
      return this.#end(undefined, code, reason);
    }
    this.#end(new MusterError(errorCodeOf(code), reason), code, reason);
  }

  fail(error: MusterError): void {
    this.#end(error, CLOSE_CODES[error.code], error.message);
  }

  terminate(): void {
    if (!this.#isEnding) this.#error ??= this.#terminated();
    this.#isEnding = true;
    this.#socket.terminate();
  }

  /** Closes and waits for the end. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
    await this.closed;
  }

  get #isOpen(): boolean {
    return !this.#isEnding && this.#socket.readyState === this.#socket.OPEN;
  }

  #sendParts(parts: EncodedParts): void {
    const waiting = this.bufferedBytes;
    const numBytes = parts[0].byteLength + (parts[1]?.byteLength ?? 0);
    if (waiting + numBytes > this.#limits.maxBufferedBytes) {
      return this.fail(this.#slowReader(numBytes, waiting));
    }
    this.bytesSent += numBytes;
    this.framesSent += 1;
    const sent = this.#shared?.put(parts, numBytes) ?? joinParts(parts);
    this.#socket.send(sent, { binary: true });
  }

  #end(error: MusterError | undefined, code: number, reason: string): void {
    if (this.#isEnding) return;
    this.#isEnding = true;
    this.#error ??= error;
    this.#socket.close(code, closeReason(reason));
  }

  #onMessage(data: Buffer, isBinary: boolean): void {
    if (this.#isEnding) return;
    const packet = this.#decode(data, isBinary);
    if (packet) this.#handlers?.onPacket(packet, this);
  }

  /** A bad frame ends this connection, and nothing else. */
  #decode(data: Buffer, isBinary: boolean): Packet | undefined {
    try {
      if (isBinary) return decodeFrame(this.#frameOf(data), this.#limits);
      const got = 'expected a binary frame, got a text frame';
      throw new MusterError('ERR_MALFORMED_MESSAGE', got);
    } catch (error) {
      const { code, message } = toMusterError(error);
      const subject = `bad frame from ${this.remote}`;
      this.fail(new MusterError(code, `${subject}: ${message}`));
      return undefined;
    }
  }

  /** Counts a frame; what was sent is it, or the note of it. */
  #frameOf(data: Buffer): Buffer {
    const frame = isNote(data) ? this.#noted(data) : data;
    this.bytesReceived += frame.byteLength;
    this.framesReceived += 1;
    return frame;
  }

  /** @throws MusterError ERR_FRAME_TOO_LARGE, ERR_MALFORMED_MESSAGE */
  #noted(note: Buffer): Buffer {
    const longest = maxFrameBytes(this.#limits);
    const numBytes = notedBytes(note);
    if (numBytes > longest) {
      throw new MusterError(
        'ERR_FRAME_TOO_LARGE',
        `frame too large: expected at most ${longest} bytes (maxPayloadBytes), got ${numBytes}`,
      );
    }
    const frame = this.#shared?.take(note);
    if (frame) return frame;
    throw new MusterError(
      'ERR_MALFORMED_MESSAGE',
      'a note of a frame in shared memory, where none is',
    );
  }

  /** `ws` found a broken frame and is closing, with a code of its own. */
  #onSocketError(cause: Error & { code?: string }): void {
    const isLong = cause.code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH';
    const limit = `at most ${this.#limits.maxPayloadBytes} payload bytes (maxPayloadBytes)`;
    this.#error ??= isLong
      ? new MusterError(
          'ERR_FRAME_TOO_LARGE',
          `frame from ${this.remote} too large: expected ${limit}`,
          { cause },
        )
      : new MusterError(
          'ERR_MALFORMED_MESSAGE',
          `bad frame from ${this.remote}: ${cause.message}`,
          { cause },
        );
  }

  #onSocketClosed(code: number, reason: string): void {
    const error =
      this.#error ??
      (this.#isEnding ? undefined : closeError(this.remote, code, reason));
    this.#isEnding = true;
    this.#shared?.close();
    this.#resolveClosed(error);
    this.#handlers?.onClosed?.(error, this);
  }

  #slowReader(frameBytes: number, waiting: number): MusterError {
    return new MusterError(
      'ERR_CONNECTION_LOST',
      `${this.remote} reads too slowly: ${waiting} bytes wait, a frame of ${frameBytes} would exceed ${this.#limits.maxBufferedBytes} (maxBufferedBytes)`,
    );
  }

  #terminated(): MusterError {
    return new MusterError(
      'ERR_CONNECTION_LOST',
      `connection to ${this.remote} ended here without a closing handshake`,
    );
  }
}
