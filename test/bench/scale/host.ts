/**
 * A simulated machine with one process: sends and receives messages, chunk by
 * chunk, each with its work at both ends.
 */
import type { Cost } from './costs.js';
import { EventLoop } from './event-loop.js';
import { NetworkInterface } from './network-interface.js';
import type { Flow, NetworkSpeed } from './network-interface.js';
import type { Cores } from './cores.js';
import type { Timeline } from './timeline.js';

/** What hosts of one simulation share. */
export interface HostSurroundings {
  readonly timeline: Timeline;
  readonly cores: Cores;
  readonly network: NetworkSpeed;
  /** As Node reads and as connections take turns. Bytes. */
  readonly chunkBytes: number;
}

/** One message to one receiver. */
export interface Message {
  readonly bytes: number;
  /** Work of writing it, and of reading it. */
  readonly send: Cost;
  readonly receive: Cost;
  /** It is read. */
  readonly received: () => void;
}

/** See the head of this file. */
export class Host {
  readonly loop: EventLoop;
  readonly network: NetworkInterface;
  readonly #chunkBytes: number;
  readonly #flows = new Map<Host, Flow>();

  constructor(surroundings: HostSurroundings) {
    const { timeline, cores, network, chunkBytes } = surroundings;
    this.loop = new EventLoop(cores);
    this.network = new NetworkInterface(timeline, network);
    this.#chunkBytes = chunkBytes;
  }

  /** Writes a message; each chunk leaves when it is written. */
  send(to: Host, { bytes, send, receive, received }: Message): void {
    const flow = this.#flowTo(to);
    let fixedMs = send.fixedMs;
    for (let done = 0; done < bytes; done += this.#chunkBytes) {
      const chunk = Math.min(this.#chunkBytes, bytes - done);
      const isLast = done + chunk === bytes;
      const readMs = chunk * receive.msPerByte + (isLast ? receive.fixedMs : 0);
      const arrived = (): void =>
        to.loop.run(readMs, isLast ? received : undefined);
      this.loop.run(fixedMs + chunk * send.msPerByte, () =>
        this.network.write(flow, chunk, arrived),
      );
      fixedMs = 0;
    }
  }

  #flowTo(to: Host): Flow {
    const known = this.#flows.get(to);
    if (known) return known;
    const flow = { to: to.network, waiting: [] };
    this.#flows.set(to, flow);
    return flow;
  }
}
