/**
 * An attacker's end of a TCP connection: any bytes out, and all that came
 * back. It keeps no rule that a library would keep for it.
 */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { performance } from 'node:perf_hooks';
import { connect as connectTls, type ConnectionOptions } from 'node:tls';
import { PROTOCOL_VERSION } from '@muster/protocol';

/** How an attack ended, as the attacker sees it. */
export interface Outcome {
  /** Every byte that the server sent, as Latin-1. */
  readonly answer: string;
  /** The HTTP status it answered with; 0 without an answer. */
  readonly status: number;
  /** WebSocket close code it sent; 0 without one. */
  readonly closeCode: number;
  /** From the first byte of the connection to its end. */
  readonly tookMs: number;
}

/** See the head of this file. */
export class RawSocket implements Disposable {
  readonly #socket: Socket;
  readonly #startMs = performance.now();
  readonly #closed: Promise<unknown>;
  #answer = '';

  private constructor(socket: Socket) {
    this.#socket = socket;
    this.#closed = new Promise((resolve) => socket.once('close', resolve));
    socket.on('error', () => undefined);
    socket.on('data', (bytes) => (this.#answer += bytes.toString('latin1')));
  }

  /**
   * Connects to a port of this machine.
   * @param from an address of loopback, as which it comes.
   */
  static async open(
    port: number,
    from?: string,
    host = '127.0.0.1',
  ): Promise<RawSocket> {
    const localAddress = from === undefined ? {} : { localAddress: from };
    const socket = connect({ host, port, ...localAddress });
    const raw = new RawSocket(socket);
    await once(socket, 'connect');
    return raw;
  }

  /** Connects, and finishes the handshake of TLS. */
  static async openTls(
    port: number,
    options: ConnectionOptions,
  ): Promise<RawSocket> {
    const socket = connectTls({ host: '127.0.0.1', port, ...options });
    const raw = new RawSocket(socket);
    await once(socket, 'secureConnect');
    return raw;
  }

  /** Connects, and passes the door with an upgrade request. */
  static async upgraded(
    port: number,
    headers: Headers = {},
    from?: string,
  ): Promise<RawSocket> {
    const raw = await RawSocket.open(port, from);
    return await raw.upgrade(headers);
  }

  /** All that came back so far. */
  get answer(): string {
    return this.#answer;
  }

  get isClosed(): boolean {
    return this.#socket.destroyed;
  }

  /** Passes the door with an upgrade request. */
  async upgrade(headers: Headers = {}): Promise<this> {
    this.send(upgradeRequest(headers));
    await this.answered(/^HTTP\/1\.1 101 [\s\S]*\r\n\r\n/);
    this.#answer = '';
    return this;
  }

  /** Writes; does nothing once the connection has ended. */
  send(bytes: string | Uint8Array): this {
    if (!this.#socket.destroyed) this.#socket.write(bytes);
    return this;
  }

  /** Writes one piece each so many milliseconds, until the end. */
  drip(pieces: Iterable<string | Uint8Array>, everyMs: number): this {
    const iterator = pieces[Symbol.iterator]();
    const timer = setInterval(() => {
      const next = iterator.next();
      if (next.done === true || this.#socket.destroyed) clearInterval(timer);
      else this.send(next.value);
    }, everyMs);
    void this.#closed.then(() => clearInterval(timer));
    return this;
  }

  /** Reads no more; the kernel's buffers fill up. */
  stopReading(): this {
    this.#socket.pause();
    return this;
  }

  /** Reads so many bytes each so many milliseconds. */
  readSlowly(bytes: number, everyMs: number): this {
    const socket = this.#socket;
    socket.removeAllListeners('data');
    socket.pause();
    const timer = setInterval(() => void socket.read(bytes), everyMs);
    void this.#closed.then(() => clearInterval(timer));
    return this;
  }

  /** Ends with a reset instead of an orderly end. */
  reset(): void {
    this.#socket.resetAndDestroy();
  }

  /** Waits for an answer of this form. */
  async answered(form: RegExp): Promise<string> {
    while (!form.test(this.#answer)) {
      if (this.#socket.destroyed) {
        throw new Error(`ended after: ${JSON.stringify(this.#answer)}`);
      }
      const data = once(this.#socket, 'data').catch(() => undefined);
      await Promise.race([data, this.#closed]);
    }
    return this.#answer;
  }

  /** Waits until the server has hung up. */
  async hungUp(): Promise<Outcome> {
    // who does not read does not hear of the end either
    this.#socket.resume();
    await this.#closed;
    const answer = this.#answer;
    return {
      answer,
      status: Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1] ?? 0),
      closeCode: closeCodeIn(Buffer.from(answer, 'latin1')),
      tookMs: performance.now() - this.#startMs,
    };
  }

  [Symbol.dispose](): void {
    this.#socket.destroy();
  }
}

/** Headers by name; undefined leaves one out, a list gives one twice. */
export type Headers = Readonly<
  Record<string, string | readonly string[] | undefined>
>;

/** An upgrade request with some headers changed. */
export function upgradeRequest(
  changed: Headers = {},
  path = '/muster',
  method = 'GET',
): string {
  const headers: Headers = {
    Host: 'localhost',
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': Buffer.alloc(16).toString('base64'),
    'Sec-WebSocket-Protocol': `muster.${PROTOCOL_VERSION}`,
    ...changed,
  };
  const lines = Object.entries(headers).flatMap(([name, value]) =>
    [value ?? []].flat().map((one) => `${name}: ${one}\r\n`),
  );
  return `${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n`;
}

/**
 * The code of the last close frame. Frames of a server are not masked; those
 * before it are stepped over.
 */
function closeCodeIn(bytes: Buffer): number {
  if (bytes.subarray(0, 5).toString('latin1') === 'HTTP/') return 0;
  let at = 0;
  while (at + 2 <= bytes.length) {
    const opcode = (bytes[at] ?? 0) & 0x0f;
    let length = (bytes[at + 1] ?? 0) & 0x7f;
    let headBytes = 2;
    if (length === 126) {
      length = bytes.readUInt16BE(at + 2);
      headBytes = 4;
    } else if (length === 127) {
      length = Number(bytes.readBigUInt64BE(at + 2));
      headBytes = 10;
    }
    if (opcode === 8 && at + headBytes + 2 <= bytes.length) {
      return bytes.readUInt16BE(at + headBytes);
    }
    at += headBytes + length;
  }
  return 0;
}
