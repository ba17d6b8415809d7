/**
 * Makes the faults of a list happen.
 */
import type { EventQueue } from './event-queue.js';
import type { Fault } from './faults.js';
import type { Launcher } from './launcher.js';
import type { Network, Wire } from './network.js';
import type { SeededRandom } from './seeded-random.js';
import type { SimulatedServer } from './simulated-server.js';

/** See the head of this file. */
export class FaultInjector {
  readonly #queue: EventQueue;
  readonly #random: SeededRandom;
  readonly #network: Network;
  readonly #launcher: Launcher;
  /** When the last trouble is over. Milliseconds. */
  #overAtMs = 0;

  constructor(
    queue: EventQueue,
    random: SeededRandom,
    network: Network,
    launcher: Launcher,
  ) {
    this.#queue = queue;
    this.#random = random;
    this.#network = network;
    this.#launcher = launcher;
  }

  /** When the last trouble is over. Milliseconds. */
  get overAtMs(): number {
    return this.#overAtMs;
  }

  /** Whether a checkpoint was damaged so that even two copies may not do. */
  hasDamaged = false;

  /** Puts all faults of a list on the clock. */
  schedule(faults: readonly Fault[]): void {
    for (const fault of faults) {
      this.#overAtMs = Math.max(this.#overAtMs, fault.atMs + fault.forMs);
      this.#queue.after(fault.atMs, () => this.#inject(fault));
    }
  }

  #inject(fault: Fault): void {
    const { kind, target, forMs } = fault;
    const { servers, workers } = this.#launcher;
    const server = servers[target % Math.max(1, servers.length)];
    const worker = workers[target % Math.max(1, workers.length)];
    switch (kind) {
      case 'kill-server':
        if (server) this.#launcher.lost(server, forMs);
        return;
      case 'kill-shard':
        for (const one of this.#ofShard(server?.shard)) {
          this.#launcher.lost(one, forMs);
        }
        return;
      case 'pause-server':
        return this.#pause(server, forMs);
      case 'pause-worker':
        return this.#pause(worker, forMs);
      case 'kill-worker':
        if (worker) this.#launcher.lostWorker(worker, forMs);
        return;
      case 'slow-worker':
        if (worker) worker.slowness = 2 + (target % 5);
        return;
      case 'nan-worker':
        if (worker) worker.isPoisoned = true;
        return this.#launcher.addWorker();
      case 'second-life':
        return this.#launcher.startAgain(worker);
      case 'join-worker':
        return this.#launcher.addWorker();
      case 'other-numerics':
        return this.#launcher.addWorker('d');
      case 'leave-worker':
        if (!worker) return;
        this.#launcher.dismiss(worker);
        return worker.post(() => worker.handle({ type: 'drain' }));
      case 'disk-full':
        return this.#fillDisk(target, forMs);
      case 'bit-flip':
        this.hasDamaged = true;
        return this.#diskOf(target)?.flip();
      case 'drain':
        for (const one of this.#ofShard(0)) {
          one.post(() => one.handle({ type: 'drain' }));
        }
        return;
      default:
        return this.#disturbNetwork(fault);
    }
  }

  #disturbNetwork({ kind, target, forMs }: Fault): void {
    const wires = [...this.#network.wires];
    const wire = wires[target % Math.max(1, wires.length)];
    switch (kind) {
      case 'cut':
        if (wire) this.#network.reset(wire);
        return;
      case 'half-open':
        if (wire) this.#network.blackHole(wire, target % 2 === 0 ? 0 : 1);
        return;
      case 'black-hole':
        if (wire) this.#network.blackHole(wire, undefined);
        return;
      case 'swizzle':
        return this.#swizzle(wires, forMs);
      case 'partition':
        return this.#partition(target, forMs);
      default:
        return;
    }
  }

  #ofShard(shard: number | undefined): SimulatedServer[] {
    return this.#launcher.servers.filter((one) => one.shard === shard);
  }

  #diskOf(target: number) {
    const { disks } = this.#launcher;
    return disks[target % disks.length];
  }

  #pause(
    process: { pause(): void; resume(): void } | undefined,
    forMs: number,
  ): void {
    process?.pause();
    this.#queue.after(forMs, () => process?.resume());
  }

  #fillDisk(target: number, forMs: number): void {
    const disk = this.#diskOf(target);
    if (disk === undefined) return;
    disk.isFull = true;
    this.#queue.after(forMs, () => {
      disk.isFull = false;
    });
  }

  /** Resets half of the connections one by one. */
  #swizzle(wires: readonly Wire[], forMs: number): void {
    for (const wire of wires) {
      if (this.#random.chance(0.5)) continue;
      this.#queue.after(this.#random.uniform(0, forMs), () =>
        this.#network.reset(wire),
      );
    }
  }

  /** Cuts some processes off from the others for a while. */
  #partition(target: number, forMs: number): void {
    const { seats, benches } = this.#launcher;
    const names = [...seats, ...benches].map(({ name }) => name);
    const first = names[target % names.length] ?? '';
    const others = names.filter(() => this.#random.chance(0.25));
    this.#network.partition(new Set([first, ...others]));
    this.#queue.after(forMs, () => this.#network.heal());
  }
}
