/**
 * Who starts processes, and starts them again: a dead server whose shard has
 * a live partner comes back as its standby, otherwise as primary.
 */
import { EMPTY_LEDGER } from '@muster/cluster';
import type { ServerLink, ServerOptions } from '@muster/cluster';
import { shardRanges } from '@muster/protocol';
import type { EventQueue } from './event-queue.js';
import type { Network } from './network.js';
import type { Sabotage } from './sabotage.js';
import type { Scenario } from './scenario.js';
import type { SeededRandom } from './seeded-random.js';
import { SimulatedDisk } from './simulated-disk.js';
import { SimulatedServer } from './simulated-server.js';
import type { ServerWatch } from './simulated-server.js';
import { SimulatedWorker } from './simulated-worker.js';
import type { WorkerWatch } from './simulated-worker.js';
import { firstParameters, NUM_PARAMETERS, TinyTrainer } from './tiny-run.js';

/** How long a launcher waits for the end of the run. Virtual milliseconds. */
const FINISHED_RESTART_MS = 3000;

/** Where a server process sits; its lives come and go. */
export interface Seat {
  readonly name: string;
  readonly shard: number;
  process: SimulatedServer | undefined;
  /** Whether its next life is on the way. */
  isStarting: boolean;
}

/** A worker's name; its lives come and go. */
export interface Bench {
  readonly name: string;
  readonly numerics: string;
  process: SimulatedWorker | undefined;
  life: number;
  /** Whether it is to be started again. */
  isWanted: boolean;
}

interface Surroundings {
  readonly queue: EventQueue;
  readonly random: SeededRandom;
  readonly network: Network;
  readonly watch: ServerWatch & { readonly worker: WorkerWatch };
  readonly sabotage: Sabotage;
}

/** See the head of this file. */
export class Launcher {
  readonly seats: readonly Seat[];
  readonly benches: Bench[] = [];
  readonly disks: readonly SimulatedDisk[];
  readonly ranges: readonly { readonly begin: number; readonly end: number }[];
  readonly #scenario: Scenario;
  readonly #around: Surroundings;
  readonly #trainer: TinyTrainer;
  /** Who leads each shard, or is to. */
  readonly #leaders: (Seat | undefined)[] = [];
  readonly #finished: (SimulatedServer | undefined)[] = [];
  #term = 1_000_000;
  #isOver = false;

  constructor(scenario: Scenario, around: Surroundings) {
    this.#scenario = scenario;
    this.#around = around;
    this.#trainer = new TinyTrainer(scenario.run);
    const { numServers, numStandbys } = scenario;
    this.ranges = shardRanges(NUM_PARAMETERS, numServers);
    this.seats = this.ranges.flatMap((_, shard) =>
      ['server', 'standby'].slice(0, 1 + numStandbys).map((kind) => ({
        name: `${kind}-${shard}`,
        shard,
        process: undefined,
        isStarting: false,
      })),
    );
    this.disks = this.ranges.map(({ begin, end }) => {
      const parameters = firstParameters().slice(begin, end);
      const first = { version: 0, parameters, slots: {}, order: [] };
      return new SimulatedDisk(around.queue, around.random, {
        ...first,
        ledger: EMPTY_LEDGER,
      });
    });
  }

  /** Live server processes. */
  get servers(): SimulatedServer[] {
    return this.seats.flatMap(({ process }) =>
      process?.isAlive === true ? [process] : [],
    );
  }

  /** Live worker processes. */
  get workers(): SimulatedWorker[] {
    return this.benches.flatMap(({ process }) =>
      process?.isAlive === true ? [process] : [],
    );
  }

  /** Starts everybody. */
  start(): void {
    for (const seat of this.seats) this.#startServer(seat);
    for (let i = 0; i < this.#scenario.numWorkers; i++) this.addWorker();
  }

  /** Starts one more worker. */
  addWorker(numerics = 'c'): void {
    const name = `worker-${this.benches.length}`;
    const bench: Bench = {
      ...{ name, numerics: numerics.repeat(64) },
      ...{ process: undefined, life: 0, isWanted: true },
    };
    this.benches.push(bench);
    this.#startWorker(bench);
  }

  /** A server is dead; it comes back after a while. */
  lost(server: SimulatedServer, backAfterMs: number): void {
    this.#around.network.hangUp(server);
    server.die();
    const seat = this.seats.find(({ name }) => name === server.name);
    if (seat?.process !== server) return;
    seat.process = undefined;
    if (this.#leaders[seat.shard] === seat) {
      this.#leaders[seat.shard] = this.seats.find(
        ({ shard, process }) =>
          shard === seat.shard && process?.isAlive === true,
      );
    }
    if (this.#isOver || seat.isStarting) return;
    seat.isStarting = true;
    this.#around.queue.after(backAfterMs, () => {
      seat.isStarting = false;
      if (!this.#isOver) this.#startServer(seat);
    });
  }

  /** A worker is dead; it comes back after a while, if it is wanted. */
  lostWorker(worker: SimulatedWorker, backAfterMs: number): void {
    this.#around.network.hangUp(worker);
    worker.die();
    const bench = this.benches.find(({ name }) => name === worker.name);
    if (bench?.process !== worker) return;
    bench.process = undefined;
    if (this.#isOver) return;
    // somebody must be left to finish the run
    if (!this.benches.some(({ isWanted }) => isWanted)) this.addWorker();
    if (!bench.isWanted) return;
    this.#around.queue.after(backAfterMs, () => {
      if (bench.isWanted && !bench.process) this.#startWorker(bench);
    });
  }

  /** A server has done its part: it comes back only if the run goes on. */
  finished(server: SimulatedServer): void {
    if (server.machine.role === 'primary')
      this.#finished[server.shard] = server;
    this.lost(server, FINISHED_RESTART_MS);
  }

  /** The last server of a shard that has done its part. */
  finishedOf(shard: number): SimulatedServer | undefined {
    return this.#finished[shard];
  }

  /** A standby has taken over. */
  tookOver(server: SimulatedServer): void {
    const seat = this.seats.find(({ process }) => process === server);
    if (seat) this.#leaders[seat.shard] = seat;
  }

  /** Ends everything at once and starts it again: `train --resume`. */
  restartAll(backAfterMs: number): void {
    for (const worker of this.workers) this.lostWorker(worker, backAfterMs);
    for (const server of this.servers) this.lost(server, backAfterMs);
  }

  /** A worker is taken for dead, and is not: another life of it begins. */
  startAgain(worker: SimulatedWorker | undefined): void {
    const bench = this.benches.find(({ process }) => process === worker);
    if (worker && bench?.isWanted === true) this.#startWorker(bench);
  }

  /** A worker that is told to stop is not started again. */
  dismiss(worker: SimulatedWorker): void {
    const bench = this.benches.find(({ process }) => process === worker);
    if (bench) bench.isWanted = false;
  }

  /** Nobody is started any more. */
  end(): void {
    this.#isOver = true;
  }

  #startServer(seat: Seat): void {
    if (seat.process) return;
    const { queue, random, network, watch, sabotage } = this.#around;
    const { run, leaseMs, heartbeatMs } = this.#scenario;
    const { checkpointEverySteps, stragglerFactor } = this.#scenario;
    const leader = (this.#leaders[seat.shard] ??= seat);
    const partner = this.seats.find(
      ({ shard, name }) => shard === seat.shard && name !== seat.name,
    );
    const addresses = {
      coordinator: this.seats
        .filter(({ shard }) => shard === 0)
        .map(({ name }) => `ws://${name}`),
      primary: partner ? [`ws://${partner.name}`] : [],
    };
    const disk = this.disks[seat.shard] as SimulatedDisk;
    this.#term += 1000;
    const options: ServerOptions = {
      ...{ leaseMs, heartbeatMs, checkpointEverySteps, stragglerFactor },
      shard: seat.shard,
      ranges: this.ranges,
      role: leader === seat ? 'primary' : 'standby',
      term: this.#term,
    };
    seat.process = new SimulatedServer(
      seat.name,
      {
        ...{ run, queue, random, network, disk, watch, sabotage },
        addressesOf: (link: ServerLink) => addresses[link],
      },
      sabotage.serverOptions?.(options) ?? options,
    );
    seat.process.start();
  }

  #startWorker(bench: Bench): void {
    const { queue, random, network, watch, sabotage } = this.#around;
    const addresses = this.seats
      .filter(({ shard }) => shard === 0)
      .map(({ name }) => `ws://${name}`);
    bench.life++;
    bench.process = new SimulatedWorker(
      bench.name,
      bench.life,
      bench.numerics,
      {
        ...{ queue, random, network, addresses, sabotage },
        watch: watch.worker,
        trainer: this.#trainer,
      },
    );
    bench.process.start();
  }
}
