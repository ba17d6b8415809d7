/**
 * A whole cluster in one thread on virtual time: one coordinator and its
 * shard, any number of workers, connections that are ordered queues, and a
 * seeded schedule of faults. The brains are the real ones.
 */
import {
  Coordinator,
  EMPTY_LEDGER,
  Schedule,
  WorkerMachine,
} from '@muster/cluster';
import type {
  CoordinatorEffect,
  LedgerState,
  ParameterShard,
  RunEnd,
  RunReport,
  WorkerEffect,
} from '@muster/cluster';
import { createRandomStream } from '@muster/data';
import type { RandomStream } from '@muster/data';
import type { Packet, RunDefinition, Task } from '@muster/protocol';
import { computeTask, NUM_PARAMETERS, tinyShard } from './tiny-run.js';

const LEASE_MS = 1000;
const HEARTBEAT_MS = 200;

/** A fault that can befall a worker. */
export type Fault =
  | 'kill'
  | 'pause'
  | 'cut'
  | 'half-open'
  | 'join'
  | 'leave'
  | 'nan';

interface SimulatedWorker {
  readonly name: string;
  readonly machine: WorkerMachine;
  connection: number | undefined;
  pausedUntilMs: number;
  computing:
    | { task: Task; parameters: Float32Array; doneMs: number }
    | undefined;
  alive: boolean;
  poisoned: boolean;
}

interface InFlight {
  readonly connection: number;
  readonly to: 'server' | 'worker';
  readonly packet: Packet;
  readonly atMs: number;
}

/** What makes a cluster unlike others. */
export interface SimulationOptions {
  /** Every gradient is NaN, whoever computes it. */
  readonly diverges?: boolean;
  /** How many times longer than the others the first worker computes. */
  readonly slowdown?: number;
  readonly stragglerFactor?: number;
}

/** What a simulation came to. */
export interface SimulationResult {
  readonly end: RunEnd | undefined;
  readonly parameters: Float32Array;
  readonly ledger: LedgerState;
  readonly reports: readonly RunReport[];
  readonly faults: readonly Fault[];
  readonly virtualMs: number;
}

/** Drives one cluster to its end; see the head of this file. */
export class SimulatedCluster {
  readonly #diverges: boolean;
  readonly #slowdown: number;
  readonly #shard: ParameterShard;
  readonly #schedule: Schedule;
  readonly #coordinator: Coordinator;
  readonly #random: RandomStream;
  readonly #workers: SimulatedWorker[] = [];
  readonly #reports: RunReport[] = [];
  readonly #faults: Fault[] = [];
  #wire: InFlight[] = [];
  #nowMs = 0;
  #nextConnection = 1;
  #nextWorker = 0;
  #end: RunEnd | undefined;

  constructor(
    run: RunDefinition,
    seed: number,
    options: SimulationOptions = {},
  ) {
    this.#diverges = options.diverges ?? false;
    this.#slowdown = options.slowdown ?? 1;
    this.#shard = tinyShard(run);
    this.#schedule = new Schedule(run);
    this.#random = createRandomStream(seed, 99);
    this.#coordinator = new Coordinator(run, this.#shard, EMPTY_LEDGER, {
      leaseMs: LEASE_MS,
      heartbeatMs: HEARTBEAT_MS,
      checkpointEverySteps: 3,
      stragglerFactor: options.stragglerFactor ?? 2,
    });
  }

  /** Runs `numWorkers` workers and a list of faults at random times. */
  run(numWorkers: number, faults: readonly Fault[]): SimulationResult {
    this.#onServer(this.#coordinator.start(0));
    for (let i = 0; i < numWorkers; i++) this.#startWorker();
    const due = faults
      .map((fault) => ({ fault, atMs: this.#uniform(0, 1500) }))
      .sort((a, b) => a.atMs - b.atMs);
    while (this.#end === undefined && this.#nowMs < 600_000) {
      while (due[0] && due[0].atMs <= this.#nowMs) {
        this.#inject(due[0].fault);
        due.shift();
      }
      this.#advance();
    }
    return {
      end: this.#end,
      parameters: this.#shard.parameters,
      ledger: this.#coordinator.ledger,
      reports: this.#reports,
      faults: this.#faults,
      virtualMs: this.#nowMs,
    };
  }

  /** Ten milliseconds of virtual time. */
  #advance(): void {
    this.#nowMs += 10;
    const due = this.#wire.filter(({ atMs }) => atMs <= this.#nowMs);
    this.#wire = this.#wire.filter(({ atMs }) => atMs > this.#nowMs);
    for (const flight of due) this.#deliver(flight);
    for (const worker of this.#workers) this.#driveWorker(worker);
    if (this.#nowMs % 20 === 0) {
      this.#onServer(this.#coordinator.handle({ type: 'tick' }, this.#nowMs));
    }
  }

  #deliver(flight: InFlight): void {
    const worker = this.#workers.find(
      ({ connection }) => connection === flight.connection,
    );
    if (flight.to === 'server') {
      const { connection, packet } = flight;
      const event = { type: 'packet', connection, packet } as const;
      this.#onServer(this.#coordinator.handle(event, this.#nowMs));
    } else if (worker?.alive === true) {
      if (worker.pausedUntilMs > this.#nowMs) {
        this.#wire.push({ ...flight, atMs: worker.pausedUntilMs });
        return;
      }
      const event = { type: 'packet', packet: flight.packet } as const;
      this.#onWorker(worker, worker.machine.handle(event, this.#nowMs));
    }
  }

  #driveWorker(worker: SimulatedWorker): void {
    if (!worker.alive || worker.pausedUntilMs > this.#nowMs) return;
    const { computing } = worker;
    if (computing && computing.doneMs <= this.#nowMs) {
      worker.computing = undefined;
      this.#finishTask(worker, computing.task, computing.parameters);
    }
    this.#onWorker(
      worker,
      worker.machine.handle({ type: 'tick' }, this.#nowMs),
    );
  }

  #finishTask(
    worker: SimulatedWorker,
    task: Task,
    parameters: Float32Array,
  ): void {
    const { taskId } = task;
    if (task.kind === 'evaluate') {
      const count = task.end - task.begin;
      const result = { count, correct: count - 1, lossSum: count / 4 };
      const event = { type: 'evaluated', taskId, result } as const;
      return this.#onWorker(worker, worker.machine.handle(event, this.#nowMs));
    }
    const result = computeTask(this.#schedule, task, parameters);
    if (worker.poisoned || this.#diverges) result.gradient[0] = NaN;
    const event = { type: 'computed', taskId, result } as const;
    this.#onWorker(worker, worker.machine.handle(event, this.#nowMs));
  }

  #onServer(effects: readonly CoordinatorEffect[]): void {
    for (const effect of effects) {
      switch (effect.type) {
        case 'send':
          this.#transmit(effect.connection, 'worker', effect.packet);
          break;
        case 'broadcast':
          for (const connection of effect.connections) {
            this.#transmit(connection, 'worker', effect.packet);
          }
          break;
        case 'close':
          this.#disconnect(effect.connection);
          break;
        case 'report':
          this.#reports.push(effect.report);
          break;
        case 'end':
          this.#end = effect.end;
          break;
        case 'checkpoint':
          break;
      }
    }
  }

  #onWorker(worker: SimulatedWorker, effects: readonly WorkerEffect[]): void {
    for (const effect of effects) {
      switch (effect.type) {
        case 'send':
          if (worker.connection !== undefined) {
            this.#transmit(worker.connection, 'server', effect.packet);
          }
          break;
        case 'dial':
          this.#connect(worker);
          break;
        case 'terminate':
          if (worker.connection !== undefined) {
            this.#disconnect(worker.connection);
          }
          break;
        case 'prepare': {
          const event = {
            type: 'prepared',
            numParameters: NUM_PARAMETERS,
          } as const;
          this.#onWorker(worker, worker.machine.handle(event, this.#nowMs));
          break;
        }
        case 'compute': {
          const { task, parameters } = effect;
          const doneMs = this.#nowMs + this.#durationOf(worker, task);
          worker.computing = { task, parameters: parameters.slice(), doneMs };
          break;
        }
        case 'abandon':
          if (worker.computing?.task.taskId === effect.taskId) {
            worker.computing = undefined;
          }
          break;
        case 'stop':
          worker.alive = false;
          if (worker.connection !== undefined) {
            this.#disconnect(worker.connection);
          }
          break;
      }
    }
  }

  /** Of 10 to 60 ms a leaf. */
  #durationOf({ name }: SimulatedWorker, task: Task): number {
    const numLeaves = task.kind === 'gradient' ? task.numLeaves : 1;
    const slowdown = name === 'w0' ? this.#slowdown : 1;
    return numLeaves * slowdown * this.#uniform(10, 60);
  }

  #connect(worker: SimulatedWorker): void {
    worker.connection = this.#nextConnection++;
    const event = { type: 'connected' } as const;
    this.#onWorker(worker, worker.machine.handle(event, this.#nowMs));
  }

  /** Ends a connection: what is under way on it is lost, both ends hear it. */
  #disconnect(connection: number): void {
    this.#wire = this.#wire.filter(
      (flight) => flight.connection !== connection,
    );
    const event = { type: 'disconnected', connection } as const;
    this.#onServer(this.#coordinator.handle(event, this.#nowMs));
    const worker = this.#workers.find((one) => one.connection === connection);
    if (worker === undefined) return;
    worker.connection = undefined;
    if (!worker.alive) return;
    const heard = worker.machine.handle({ type: 'disconnected' }, this.#nowMs);
    this.#onWorker(worker, heard);
  }

  /** The worker's end is gone, the server still believes in the connection. */
  #loseOneEnd(worker: SimulatedWorker): void {
    const { connection } = worker;
    this.#wire = this.#wire.filter(
      (flight) => flight.connection !== connection,
    );
    worker.connection = undefined;
    const heard = worker.machine.handle({ type: 'disconnected' }, this.#nowMs);
    this.#onWorker(worker, heard);
  }

  /** Queues a packet; one connection keeps its order. Payloads are copied. */
  #transmit(connection: number, to: 'server' | 'worker', packet: Packet): void {
    const queued = this.#wire.filter(
      (flight) => flight.connection === connection && flight.to === to,
    );
    const notBefore = Math.max(0, ...queued.map(({ atMs }) => atMs));
    const atMs = Math.max(notBefore, this.#nowMs + this.#uniform(0, 20));
    const payload = packet.payload?.slice();
    this.#wire.push({ connection, to, packet: { ...packet, payload }, atMs });
  }

  #inject(fault: Fault): void {
    const alive = this.#workers.filter((worker) => worker.alive);
    const victim = alive[this.#random.nextUint32() % Math.max(1, alive.length)];
    this.#faults.push(fault);
    if (fault === 'join' || victim === undefined) return this.#startWorker();
    switch (fault) {
      case 'kill':
        victim.alive = false;
        if (victim.connection !== undefined)
          this.#disconnect(victim.connection);
        // Somebody must be left to finish the run.
        if (alive.length === 1) this.#startWorker();
        break;
      case 'pause':
        victim.pausedUntilMs = this.#nowMs + this.#uniform(100, 4000);
        break;
      case 'cut':
        if (victim.connection !== undefined)
          this.#disconnect(victim.connection);
        break;
      case 'half-open':
        this.#loseOneEnd(victim);
        break;
      case 'leave':
        this.#onWorker(
          victim,
          victim.machine.handle({ type: 'drain' }, this.#nowMs),
        );
        if (alive.length === 1) this.#startWorker();
        break;
      case 'nan':
        victim.poisoned = true;
        this.#startWorker();
        break;
    }
  }

  #startWorker(): void {
    const name = `w${this.#nextWorker++}`;
    const numerics = 'c'.repeat(64);
    const identity = { workerId: name, numerics, backend: 'wasm' } as const;
    const worker: SimulatedWorker = {
      name,
      machine: new WorkerMachine(identity),
      connection: undefined,
      pausedUntilMs: 0,
      computing: undefined,
      alive: true,
      poisoned: false,
    };
    this.#workers.push(worker);
    this.#onWorker(worker, worker.machine.start(this.#nowMs));
  }

  #uniform(low: number, high: number): number {
    return low + this.#random.nextFloat() * (high - low);
  }
}
