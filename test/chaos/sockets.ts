/**
 * Sockets for specs: a server that says what it gets, and clients whose ends
 * can be waited for.
 */
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

/** A server on a free port of 127.0.0.1; disposing of it ends it all. */
export class SocketServer implements AsyncDisposable {
  /** Connections in the order in which they came, ended ones too. */
  readonly sockets: Socket[] = [];
  readonly #server = createServer({ allowHalfOpen: true }, (socket) => {
    this.sockets.push(socket);
    socket.on('error', () => undefined);
    this.#serve(socket);
  });
  readonly #serve: (socket: Socket) => void;

  private constructor(serve: (socket: Socket) => void) {
    this.#serve = serve;
  }

  /** @param serve is given each connection. */
  static async start(
    serve: (socket: Socket) => void = (socket) => void socket.resume(),
  ): Promise<SocketServer> {
    const server = new SocketServer(serve);
    server.#server.listen(0, '127.0.0.1');
    await once(server.#server, 'listening');
    return server;
  }

  /** Sends everything back, and the end. */
  static echo(): Promise<SocketServer> {
    return SocketServer.start((socket) => void socket.pipe(socket));
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }
}

/** A client of a proxy. */
export class Client implements Disposable {
  readonly socket: Socket;
  /** Resolves when the connection is gone, whoever ended it. */
  readonly closed: Promise<unknown>;
  #received: Buffer[] = [];

  private constructor(port: number) {
    this.socket = connect({ host: '127.0.0.1', port });
    this.socket.on('error', () => undefined);
    this.socket.on('data', (chunk: Buffer) => this.#received.push(chunk));
    this.closed = new Promise((resolve) => this.socket.once('close', resolve));
  }

  /** Connects; the connection may be gone again at once. */
  static async connect(port: number): Promise<Client> {
    const client = new Client(port);
    const connected = new Promise((resolve) =>
      client.socket.once('connect', resolve),
    );
    await Promise.race([connected, client.closed]);
    return client;
  }

  /** What came so far. */
  get received(): Buffer {
    return Buffer.concat(this.#received);
  }

  /** Sends a word and waits until that many bytes came in all. */
  async ask(word: string): Promise<string> {
    const length = this.received.byteLength + word.length;
    this.socket.write(word);
    const isThere = () => this.received.byteLength >= length;
    while (!isThere() && !this.socket.destroyed) {
      await Promise.race([once(this.socket, 'data'), this.closed]);
    }
    if (!isThere()) throw new Error(`no answer to '${word}': it is closed`);
    return this.received.subarray(length - word.length).toString();
  }

  [Symbol.dispose](): void {
    this.socket.destroy();
  }
}
