/**
 * Connections between processes: ordered, with seeded latency, and what
 * befalls them: a reset, an end that vanishes, hosts that are cut off.
 */
import type { Packet } from '@muster/protocol';
import type { EventQueue } from './event-queue.js';
import type { SeededRandom } from './seeded-random.js';
import type { SimulatedProcess } from './simulated-process.js';

/** How fast a network is. */
export interface NetworkSpeed {
  /** Longest one-way time of a small packet. Milliseconds. */
  readonly latencyMs: number;
  readonly bytesPerMs: number;
  /** Whether what is sent may still change; only for a planted bug. */
  readonly isShared?: boolean;
}

/** How long a dialling process waits for an answer. Milliseconds. */
const DIAL_TIMEOUT_MS = 1400;

/** Who is at one end of a connection. */
export interface End {
  readonly process: SimulatedProcess;
  readonly onPacket: (packet: Packet) => void;
  readonly onClosed: () => void;
}

interface Direction {
  /** What is under way, in order; nothing stands for the end. */
  readonly flight: (Packet | undefined)[];
  lastArrivalMs: number;
}

/** One connection; side 0 dialled, side 1 was dialled. */
export interface Wire {
  readonly ends: [End, End];
  readonly isOpen: [boolean, boolean];
  /** By receiving side. */
  readonly toward: [Direction, Direction];
  /** Nothing comes through any more, and nobody is told. */
  isDead: boolean;
}

/** The end of a connection that somebody holds. */
export class Socket {
  readonly #network: Network;
  readonly wire: Wire;
  readonly side: 0 | 1;

  constructor(network: Network, wire: Wire, side: 0 | 1) {
    this.#network = network;
    this.wire = wire;
    this.side = side;
  }

  /** Who is at the other end. */
  get peer(): SimulatedProcess {
    return this.wire.ends[other(this.side)].process;
  }

  send(packet: Packet): void {
    this.#network.send(this.wire, this.side, packet);
  }

  /** Ends it after what was sent. */
  close(): void {
    this.#network.close(this.wire, this.side);
  }

  /** Ends it at once: what is under way is lost. */
  destroy(isTold: boolean): void {
    this.#network.destroy(this.wire, this.side, isTold);
  }
}

/** How an accepting process takes a connection. */
export type Accept = (socket: Socket) => Pick<End, 'onPacket' | 'onClosed'>;

/** All connections of a cluster. */
export class Network {
  readonly #queue: EventQueue;
  readonly #random: SeededRandom;
  readonly #speed: NetworkSpeed;
  readonly #listeners = new Map<
    string,
    { process: SimulatedProcess; accept: Accept }
  >();
  #wires = new Set<Wire>();
  /** Hosts by group while the network is partitioned. */
  #isolated: ReadonlySet<string> | undefined;
  #stalled: (() => void)[] = [];
  #longest = 0;

  constructor(queue: EventQueue, random: SeededRandom, speed: NetworkSpeed) {
    this.#queue = queue;
    this.#random = random;
    this.#speed = speed;
  }

  /** The most packets that were ever under way on one connection. */
  get longest(): number {
    return this.#longest;
  }

  /** Open connections. */
  get wires(): ReadonlySet<Wire> {
    return this.#wires;
  }

  /** From now on a process is found at its address. */
  listen(process: SimulatedProcess, accept: Accept): void {
    this.#listeners.set(process.url, { process, accept });
  }

  /** Connects, or fails after a while. */
  dial(
    from: SimulatedProcess,
    url: string,
    end: Pick<End, 'onPacket' | 'onClosed'>,
    answer: { opened: (socket: Socket) => void; failed: () => void },
  ): void {
    let isOver = false;
    const fail = () => {
      if (isOver) return;
      isOver = true;
      from.post(answer.failed);
    };
    this.#queue.after(this.#latency(), () => {
      const listener = this.#listeners.get(url);
      if (listener?.process.isAlive !== true) return fail();
      this.#queue.after(DIAL_TIMEOUT_MS, fail);
      if (this.#isBlocked(from, listener.process)) return;
      listener.process.post(() => {
        if (isOver || !from.isAlive) return;
        isOver = true;
        this.#open({ ...end, process: from }, listener, answer.opened);
      });
    });
  }

  send(wire: Wire, from: 0 | 1, packet: Packet): void {
    if (!wire.isOpen[from] || wire.isDead) return;
    const isShared = this.#speed.isShared === true;
    const payload = isShared ? packet.payload : packet.payload?.slice();
    const size = 60 + (payload?.byteLength ?? 0);
    const { message } = packet;
    this.#put(wire, other(from), payload ? { message, payload } : packet, size);
  }

  close(wire: Wire, from: 0 | 1): void {
    if (!wire.isOpen[from]) return;
    this.#put(wire, other(from), undefined, 0);
    this.#shut(wire, from, true);
  }

  destroy(wire: Wire, from: 0 | 1, isTold: boolean): void {
    if (!wire.isOpen[from]) return;
    wire.toward[other(from)].flight.length = 0;
    this.#put(wire, other(from), undefined, 0);
    this.#shut(wire, from, isTold);
  }

  /** A process is gone: the others hear it from its operating system. */
  hangUp(process: SimulatedProcess): void {
    for (const wire of this.#wires) {
      for (const side of [0, 1] as const) {
        if (wire.ends[side].process !== process) continue;
        const arrives = this.#random.chance(0.5);
        if (arrives) this.close(wire, side);
        else this.destroy(wire, side, false);
      }
    }
  }

  /** A connection is reset: both ends hear it, what was under way is lost. */
  reset(wire: Wire): void {
    for (const side of [0, 1] as const) {
      wire.toward[side].flight.length = 0;
      if (wire.isOpen[side]) this.#put(wire, side, undefined, 0);
    }
  }

  /** Nothing comes through any more; nobody, or one end, hears of it. */
  blackHole(wire: Wire, told: 0 | 1 | undefined): void {
    wire.isDead = true;
    for (const direction of wire.toward) direction.flight.length = 0;
    if (told !== undefined) this.#shut(wire, told, true);
  }

  /** Cuts some processes off from all others. */
  partition(names: ReadonlySet<string>): void {
    this.heal();
    this.#isolated = names;
  }

  /** Everybody reaches everybody again. */
  heal(): void {
    this.#isolated = undefined;
    const stalled = this.#stalled;
    this.#stalled = [];
    for (const deliver of stalled) this.#queue.after(this.#latency(), deliver);
  }

  /** Whether these two can't reach each other at present. */
  areApart(a: string, b: string): boolean {
    const isolated = this.#isolated;
    return isolated !== undefined && isolated.has(a) !== isolated.has(b);
  }

  #isBlocked(a: SimulatedProcess, b: SimulatedProcess): boolean {
    return this.areApart(a.name, b.name);
  }

  #open(
    dialler: End,
    listener: { process: SimulatedProcess; accept: Accept },
    opened: (socket: Socket) => void,
  ): void {
    const wire = {
      ends: [dialler, dialler],
      isOpen: [true, true],
      toward: [newDirection(), newDirection()],
      isDead: false,
    } satisfies Wire as Wire;
    this.#wires.add(wire);
    const { process } = listener;
    wire.ends[1] = { process, onPacket: () => undefined, onClosed: () => 0 };
    const end = listener.accept(new Socket(this, wire, 1));
    wire.ends[1] = { process, ...end };
    const { process: from } = dialler;
    this.#queue.after(this.#latency(), () => {
      if (!from.isAlive) return this.destroy(wire, 0, false);
      from.post(() => opened(new Socket(this, wire, 0)));
    });
  }

  /** Puts something under way; what was sent before arrives before. */
  #put(wire: Wire, to: 0 | 1, packet: Packet | undefined, size: number): void {
    const direction = wire.toward[to];
    if (wire.isDead) return;
    direction.flight.push(packet);
    this.#longest = Math.max(this.#longest, direction.flight.length);
    const soonest = this.#queue.nowMs + this.#latency();
    const atMs =
      Math.max(soonest, direction.lastArrivalMs) +
      size / this.#speed.bytesPerMs;
    direction.lastArrivalMs = atMs;
    this.#queue.after(atMs - this.#queue.nowMs, () => this.#arrive(wire, to));
  }

  /** The next one arrives; each of them is handed in by itself. */
  #arrive(wire: Wire, to: 0 | 1): void {
    const [a, b] = wire.ends;
    if (this.#isBlocked(a.process, b.process)) {
      this.#stalled.push(() => this.#arrive(wire, to));
      return;
    }
    const { flight } = wire.toward[to];
    if (flight.length === 0 || wire.isDead) return;
    const packet = flight.shift();
    if (packet === undefined) return this.#ended(wire, to);
    wire.ends[to].process.post(() => {
      if (wire.isOpen[to]) wire.ends[to].onPacket(packet);
    });
  }

  /** One end is closed by whoever is there; it hears of it a little later. */
  #shut(wire: Wire, side: 0 | 1, isTold: boolean): void {
    wire.isOpen[side] = false;
    if (!wire.isOpen[other(side)]) this.#wires.delete(wire);
    const { process, onClosed } = wire.ends[side];
    if (isTold) this.#queue.after(0, () => process.post(onClosed));
  }

  /** The other end was closed: it is heard after what came before. */
  #ended(wire: Wire, side: 0 | 1): void {
    const { process, onClosed } = wire.ends[side];
    if (!process.isAlive) return this.#shut(wire, side, false);
    process.post(() => {
      if (!wire.isOpen[side]) return;
      this.#shut(wire, side, false);
      onClosed();
    });
  }

  #latency(): number {
    const { latencyMs } = this.#speed;
    // most packets are fast, some are late
    return latencyMs * this.#random.uniform(0.05, 1) ** 3;
  }
}

function newDirection(): Direction {
  return { flight: [], lastArrivalMs: 0 };
}

function other(side: 0 | 1): 0 | 1 {
  return side === 0 ? 1 : 0;
}
