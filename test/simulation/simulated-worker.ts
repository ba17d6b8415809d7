/**
 * One life of a worker process: the real brain, a network of hashes.
 */
import { WorkerMachine } from '@muster/cluster';
import type { WorkerEffect, WorkerEnd, WorkerEvent } from '@muster/cluster';
import type { Task } from '@muster/protocol';
import type { EventQueue } from './event-queue.js';
import type { Network, Socket } from './network.js';
import type { Sabotage } from './sabotage.js';
import type { SeededRandom } from './seeded-random.js';
import { SimulatedProcess } from './simulated-process.js';
import { evaluateTiny, NUM_PARAMETERS } from './tiny-run.js';
import type { TinyTrainer } from './tiny-run.js';

const TICK_MS = 400;
/** First wait before dialling again, and the longest. Milliseconds. */
const REDIAL_MS = 40;
const MAX_REDIAL_MS = 400;

/** What a worker needs of the world around it. */
export interface WorkerWorld {
  readonly queue: EventQueue;
  readonly random: SeededRandom;
  readonly network: Network;
  readonly trainer: TinyTrainer;
  /** Of the coordinator, as the process was told when it was started. */
  readonly addresses: readonly string[];
  readonly watch: WorkerWatch;
  readonly sabotage: Sabotage;
}

/** Who sees everything. */
export interface WorkerWatch {
  readonly handled: (
    worker: SimulatedWorker,
    event: WorkerEvent | undefined,
    effects: readonly WorkerEffect[],
  ) => void;
  readonly ended: (worker: SimulatedWorker, end: WorkerEnd) => void;
  /** Parameters were changed while they were lent. */
  readonly disturbed: (worker: SimulatedWorker) => void;
}

interface Link {
  socket: Socket | undefined;
  /** Rises with every dial: what belongs to an older one is dropped. */
  generation: number;
  nextAddress: number;
  redialMs: number;
}

/** See the head of this file. */
export class SimulatedWorker extends SimulatedProcess {
  /** Which life of this name it is, from 1. */
  readonly life: number;
  readonly machine: WorkerMachine;
  /** How many times longer than others it computes. */
  slowness = 1;
  /** Whether its gradients are NaN. */
  isPoisoned = false;
  readonly #world: WorkerWorld;
  readonly #links: Link[] = [];
  #computing: number | undefined;
  #hasAbandoned = false;
  /** What was computed before. */
  last: Task | undefined;

  constructor(
    name: string,
    life: number,
    numerics: string,
    world: WorkerWorld,
  ) {
    super(name, world.queue, world.random, TICK_MS);
    this.life = life;
    this.#world = world;
    const backend = 'wasm';
    this.machine = new WorkerMachine({ workerId: name, numerics, backend });
  }

  /** Begins to work. */
  start(): void {
    this.#apply(undefined, this.machine.start(this.queue.nowMs));
    this.startTicking();
  }

  /** Hands an event to the brain and does what it says. */
  handle(event: WorkerEvent): void {
    if (!this.isAlive) return;
    const { workerEvent } = this.#world.sabotage;
    const handled = workerEvent ? workerEvent(event, this) : event;
    if (handled === undefined) return;
    this.#apply(handled, this.machine.handle(handled, this.queue.nowMs));
  }

  protected override tick(): void {
    this.handle({ type: 'tick' });
  }

  #apply(
    event: WorkerEvent | undefined,
    effects: readonly WorkerEffect[],
  ): void {
    const { watch, sabotage } = this.#world;
    watch.handled(this, event, effects);
    const { workerEffects } = sabotage;
    const done = workerEffects ? workerEffects(effects, this) : effects;
    for (const effect of done) this.#carryOut(effect);
  }

  #carryOut(effect: WorkerEffect): void {
    if (!this.isAlive) return;
    switch (effect.type) {
      case 'send':
        return this.#links[effect.link]?.socket?.send(effect.packet);
      case 'dial':
        return this.#dial(effect.link, effect.urls);
      case 'terminate':
        return this.#links[effect.link]?.socket?.destroy(true);
      case 'prepare':
        this.queue.after(this.random.uniform(10, 200), () =>
          this.post(() => this.#prepared()),
        );
        return;
      case 'classify':
        return; // nobody asks here
      case 'compute':
        return this.#compute(effect.task, effect.parameters);
      case 'abandon':
        if (this.#world.sabotage.answersAbandoned === true) {
          this.#hasAbandoned = true;
        }
        if (this.#computing === effect.taskId) this.#computing = undefined;
        return;
      case 'stop':
        return this.#world.watch.ended(this, effect.end);
    }
  }

  #prepared(): void {
    const { plan, wire } = this.#world.trainer;
    this.handle({
      type: 'prepared',
      ...{ numParameters: NUM_PARAMETERS, isOnArrival: plan.isOnArrival, wire },
    });
  }

  #compute(task: Task, parameters: Float32Array): void {
    const { taskId } = task;
    if (this.#computing !== undefined) {
      throw new Error(`${this.name} was given a task while it computes`);
    }
    this.#computing = taskId;
    const seen = parameters.slice();
    const numUnits = task.kind === 'gradient' ? task.numLeaves : 1;
    const durationMs = numUnits * this.slowness * this.random.uniform(40, 600);
    const isRival = this.#hasAbandoned;
    this.#hasAbandoned = false;
    this.queue.after(durationMs, () =>
      this.post(() => {
        if (this.#computing !== taskId) return;
        const { last } = this;
        this.last = task;
        if (isRival && last?.kind === task.kind) {
          this.#computing = undefined;
          return this.#answer({ ...last, taskId }, seen);
        }
        this.#computing = undefined;
        if (seen.some((value, i) => value !== parameters[i])) {
          this.#world.watch.disturbed(this);
        }
        this.#answer(task, seen);
      }),
    );
  }

  #answer(task: Task, parameters: Float32Array): void {
    const { taskId } = task;
    if (task.kind === 'evaluate') {
      const result = evaluateTiny(task, parameters);
      return this.handle({ type: 'evaluated', taskId, result });
    }
    const { trainer, sabotage } = this.#world;
    const honest = trainer.gradient(task, parameters);
    const result = sabotage.gradient
      ? sabotage.gradient(honest, task, this)
      : honest;
    if (this.isPoisoned) result.gradient.fill(NaN);
    this.handle({ type: 'computed', taskId, result });
  }

  /** Dials until somebody answers; what the link was before is given up. */
  #dial(link: number, urls: readonly string[]): void {
    const one = (this.#links[link] ??= {
      ...{ socket: undefined, generation: 0, nextAddress: 0 },
      redialMs: 0,
    });
    one.socket?.destroy(false);
    one.socket = undefined;
    one.generation++;
    const { addresses } = this.#world;
    const all = link === 0 ? [...new Set([...addresses, ...urls])] : urls;
    this.#try(link, one, all);
  }

  #try(link: number, one: Link, urls: readonly string[]): void {
    const { generation } = one;
    const isCurrent = () => one.generation === generation;
    const waitMs = one.redialMs * this.random.uniform(0.5, 1);
    one.redialMs = Math.min(
      MAX_REDIAL_MS,
      Math.max(REDIAL_MS, one.redialMs * 2),
    );
    const url = urls[one.nextAddress++ % urls.length] ?? '';
    const dial = () => {
      if (!isCurrent()) return;
      this.#world.network.dial(
        this,
        url,
        {
          onPacket: (packet) => {
            if (!isCurrent()) return;
            one.redialMs = 0;
            this.handle({ type: 'packet', link, packet });
          },
          onClosed: () => {
            if (!isCurrent()) return;
            one.socket = undefined;
            this.handle({ type: 'disconnected', link });
          },
        },
        {
          opened: (socket) => {
            if (!isCurrent()) return socket.destroy(false);
            one.socket = socket;
            this.handle({ type: 'connected', link });
          },
          failed: () => {
            if (isCurrent()) this.#try(link, one, urls);
          },
        },
      );
    };
    this.queue.after(waitMs, () => this.post(dial));
  }
}
