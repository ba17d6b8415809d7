/**
 * What is attacked: a listener with limits so small that an attack ends
 * within a test, and a check that it still serves who may come in.
 */
import { encodeFrame } from '@muster/protocol';
import type { MusterError, Packet } from '@muster/protocol';
import { listen } from '@muster/transport';
import type { Connection, Listener, ListenOptions } from '@muster/transport';
import { eventually } from '../cluster/eventually.js';
import { rawFrame } from './raw-frame.js';
import { RawSocket } from './raw-socket.js';

/** The token of a worker at the target. */
export const TOKEN = 'w0rker-s3cret';
/** The token of a dashboard. */
export const DASHBOARD_TOKEN = 'd4shboard-s3cret';
/** The header that lets a worker in. */
export const RIGHT = { Authorization: `Bearer ${TOKEN}` } as const;

const heartbeat: Packet = { message: { type: 'heartbeat', sequence: 7 } };

/** See the head of this file. It answers every packet with the same one. */
export class Target implements AsyncDisposable {
  /** Who was turned away, and why. */
  readonly refusals: MusterError[] = [];
  /** Connections that have ended, and why. */
  readonly ends: (MusterError | undefined)[] = [];
  /** Those that are there. */
  readonly connections = new Set<Connection>();
  /** Packets that have come through. */
  numPackets = 0;
  #listener: Listener | undefined;

  /** Listens on a free port of loopback. */
  static async start(
    limits: ListenOptions['limits'] = {},
    more: Partial<ListenOptions> = {},
  ): Promise<Target> {
    const target = new Target();
    target.#listener = await listen({
      ...{ host: '127.0.0.1', port: 0, token: TOKEN, limits },
      otherTokens: { dashboard: DASHBOARD_TOKEN },
      maxPayloadBytes: 65_536,
      ...more,
      onConnection: (connection) => target.#accept(connection),
      onRefused: (error) => target.refusals.push(error),
    });
    return target;
  }

  get port(): number {
    return this.#listener?.port ?? 0;
  }

  /** Lets an honest worker in, from an address of loopback, and answers it. */
  async serves(from?: string): Promise<true> {
    using worker = await RawSocket.upgraded(this.port, RIGHT, from);
    const before = this.numPackets;
    worker.send(rawFrame({ payload: encodeFrame(heartbeat) }));
    await worker.answered(/heartbeat/);
    if (this.numPackets === before) throw new Error('it was not heard');
    return true;
  }

  /** Waits for the first connection that has ended with an error. */
  end(): Promise<MusterError> {
    return eventually('the end of a connection', () => this.ends.find(Boolean));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#listener?.close();
  }

  #accept(connection: Connection) {
    this.connections.add(connection);
    return {
      onPacket: (packet: Packet) => {
        this.numPackets += 1;
        connection.send(packet);
      },
      onClosed: (error: MusterError | undefined) => {
        this.connections.delete(connection);
        this.ends.push(error);
      },
    };
  }
}
