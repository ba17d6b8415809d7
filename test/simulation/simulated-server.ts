/**
 * One life of a server process: its brain is the real one, its edge is this.
 */
import { ServerMachine } from '@muster/cluster';
import type {
  OrderEntry,
  RunEnd,
  RunReport,
  ServerEffect,
  ServerEvent,
  ServerLink,
  ServerOptions,
} from '@muster/cluster';
import type { RunDefinition } from '@muster/protocol';
import type { EventQueue } from './event-queue.js';
import type { Network, Socket } from './network.js';
import type { SeededRandom } from './seeded-random.js';
import type { Sabotage } from './sabotage.js';
import type { SimulatedDisk } from './simulated-disk.js';
import { SimulatedProcess } from './simulated-process.js';

/** Between two ticks of a server. Milliseconds. */
const TICK_MS = 400;

/** What a server needs of the world around it. */
export interface ServerWorld {
  readonly run: RunDefinition;
  readonly queue: EventQueue;
  readonly random: SeededRandom;
  readonly network: Network;
  readonly disk: SimulatedDisk;
  /** Where a link may lead. */
  readonly addressesOf: (link: ServerLink) => readonly string[];
  readonly watch: ServerWatch;
  readonly sabotage: Sabotage;
}

/** Who sees everything. */
export interface ServerWatch {
  /** Before anything is carried out. */
  readonly handled: (
    server: SimulatedServer,
    event: ServerEvent | undefined,
    effects: readonly ServerEffect[],
  ) => void;
  readonly reported: (server: SimulatedServer, report: RunReport) => void;
  readonly ended: (server: SimulatedServer, end: RunEnd) => void;
}

/** See the head of this file. */
export class SimulatedServer extends SimulatedProcess {
  readonly shard: number;
  readonly machine: ServerMachine;
  /** What its memory was made of, where that is recorded. */
  order: OrderEntry[] = [];
  readonly #world: ServerWorld;
  readonly #sockets = new Map<number, Socket>();
  readonly #nextAddress = { coordinator: 0, primary: 0 };
  #nextConnection = 1;
  /** Why it is about to end, once checkpoints are down. */
  #end: RunEnd | undefined;

  constructor(name: string, world: ServerWorld, options: ServerOptions) {
    super(name, world.queue, world.random, TICK_MS);
    this.#world = world;
    this.shard = options.shard;
    this.machine = new ServerMachine(world.run, options);
  }

  /** Who is at the other end of a connection. */
  peerOf(connection: number): SimulatedProcess | undefined {
    return this.#sockets.get(connection)?.peer;
  }

  /** Begins to listen and to work. */
  start(): void {
    const { network, disk } = this.#world;
    network.listen(this, (socket) => {
      const connection = this.#adopt(socket);
      this.handle({ type: 'connected', connection });
      return this.#endOf(connection);
    });
    const now = this.queue.nowMs;
    const effects = this.machine.start(this.url, disk.versions, now);
    this.#apply(undefined, effects);
    this.startTicking();
  }

  /** Hands an event to the brain and does what it says. */
  handle(event: ServerEvent): void {
    if (!this.isAlive || this.#end) return;
    const { serverEvent } = this.#world.sabotage;
    const handled = serverEvent ? serverEvent(event, this) : event;
    if (handled === undefined) return;
    const effects = this.machine.handle(handled, this.queue.nowMs);
    this.#apply(handled, effects);
  }

  protected override tick(): void {
    this.handle({ type: 'tick' });
  }

  #apply(
    event: ServerEvent | undefined,
    effects: readonly ServerEffect[],
  ): void {
    const { watch, sabotage } = this.#world;
    watch.handled(this, event, effects);
    const { serverEffects } = sabotage;
    const done = serverEffects ? serverEffects(effects, this, event) : effects;
    for (const effect of done) this.#carryOut(effect);
  }

  #carryOut(effect: ServerEffect): void {
    const { watch, disk } = this.#world;
    switch (effect.type) {
      case 'send':
        return this.#sockets.get(effect.connection)?.send(effect.packet);
      case 'broadcast':
        for (const connection of effect.connections) {
          this.#sockets.get(connection)?.send(effect.packet);
        }
        return;
      case 'close':
        return this.#sockets.get(effect.connection)?.close();
      case 'terminate':
        return this.#sockets.get(effect.connection)?.destroy(true);
      case 'dial':
        return this.#dial(effect.link, 0);
      case 'list-checkpoints':
        return this.#list();
      case 'restore':
        return this.#restore(effect);
      case 'checkpoint':
        return this.#checkpoint(effect);
      case 'order':
        if (effect.entry) this.order.push(effect.entry);
        else this.order = this.order.slice(0, effect.start);
        return;
      case 'classified':
      case 'not-classified':
        return; // nobody asks here
      case 'report':
        return watch.reported(this, effect.report);
      case 'end':
        this.#end = effect.end;
        // who is replaced must not write any more
        if (effect.end.outcome !== 'replaced' && disk.isBusy(this)) return;
        return this.#exit();
    }
  }

  #checkpoint({
    version,
    keepFrom,
  }: Extract<ServerEffect, { type: 'checkpoint' }>): void {
    const { shard, ledger } = this.machine;
    if (shard?.version !== version) {
      throw new Error(`${this.name} was to save a version it does not have`);
    }
    const isShared = this.#world.sabotage.savesWithoutCopy === true;
    const slots = Object.entries(shard.slots).map(
      ([slot, vector]) => [slot, vector.slice()] as const,
    );
    const saved = {
      ...{ version, ledger, order: this.order.slice() },
      parameters: isShared ? shard.parameters : shard.parameters.slice(),
      slots: Object.fromEntries(slots),
    };
    this.#world.disk.write(this, {
      ...{ saved, keepFrom },
      done: (ok) => this.handle({ type: 'checkpoint-done', version, ok }),
      idle: () => this.#exit(),
    });
  }

  #list(): void {
    const { disk, random } = this.#world;
    this.queue.after(random.uniform(1, 40), () => {
      this.post(() =>
        this.handle({ type: 'checkpoints', checkpoints: disk.versions }),
      );
    });
  }

  #restore({
    version,
    removesNewer,
  }: Extract<ServerEffect, { type: 'restore' }>): void {
    const { disk, random, sabotage } = this.#world;
    this.queue.after(random.uniform(1, 120), () => {
      this.post(() => {
        const found = disk.read(version);
        const saved = sabotage.read
          ? sabotage.read(found, version, disk)
          : found;
        if (saved === undefined) {
          const checkpoints = disk.versions;
          const message = `no whole checkpoint of version ${version}`;
          const failed = { version, checkpoints, message } as const;
          return this.handle({ type: 'restore-failed', ...failed });
        }
        if (removesNewer) disk.removeNewer(version);
        this.order = saved.order.slice();
        const slots = Object.entries(saved.slots).map(
          ([slot, vector]) => [slot, vector.slice()] as const,
        );
        this.handle({
          type: 'restored',
          version,
          parameters: saved.parameters.slice(),
          slots: Object.fromEntries(slots),
          ledger: saved.ledger,
        });
      });
    });
  }

  /** Tries every address once, from the one after the last on. */
  #dial(link: ServerLink, numTried: number): void {
    const addresses = this.#world.addressesOf(link);
    if (numTried >= addresses.length) {
      return this.post(() => this.handle({ type: 'unreachable', link }));
    }
    const url = addresses[this.#nextAddress[link]++ % addresses.length] ?? '';
    let connection = 0;
    this.#world.network.dial(
      this,
      url,
      {
        onPacket: (packet) =>
          this.handle({ type: 'packet', connection, packet }),
        onClosed: () => this.#closed(connection),
      },
      {
        opened: (socket) => {
          connection = this.#adopt(socket);
          this.handle({ type: 'linked', link, connection });
        },
        failed: () => this.#dial(link, numTried + 1),
      },
    );
  }

  #adopt(socket: Socket): number {
    const connection = this.#nextConnection++;
    this.#sockets.set(connection, socket);
    return connection;
  }

  #endOf(connection: number) {
    return {
      onPacket: (packet: Parameters<Socket['send']>[0]) =>
        this.handle({ type: 'packet', connection, packet }),
      onClosed: () => this.#closed(connection),
    };
  }

  #closed(connection: number): void {
    if (!this.#sockets.delete(connection)) return;
    this.handle({ type: 'disconnected', connection });
  }

  #exit(): void {
    const end = this.#end;
    if (!end || !this.isAlive) return;
    this.#world.watch.ended(this, end);
  }
}
