/**
 * A worker in a simulation: computes a task when every server's slice of its
 * version is here, and pushes a slice to each server.
 */
import { sliceBytesOf, sumOf, WORD_BYTES } from './cluster-shape.js';
import type { Simulation } from './cluster-shape.js';
import { costOf } from './costs.js';
import type { Cost } from './costs.js';
import type { LeafRun } from './deal.js';
import { Host } from './host.js';
import type { SimulatedServer } from './simulated-server.js';

/** Leaves of the step that makes version `version + 1`. */
interface Task {
  readonly version: number;
  readonly run: LeafRun;
}

/** See the head of this file. */
export class SimulatedWorker {
  readonly host: Host;
  readonly #simulation: Simulation;
  readonly #computed: (ms: number) => void;
  #task: Task | undefined;
  /** The version that all slices here have. */
  #version = 0;
  #computedVersion = -1;
  /** Slices of the next version that are here. */
  #numSlices = 0;
  #servers: readonly SimulatedServer[] = [];

  /** @param computed is told how long a task's leaves took. Milliseconds. */
  constructor(simulation: Simulation, computed: (ms: number) => void) {
    this.host = new Host(simulation.around);
    this.#simulation = simulation;
    this.#computed = computed;
  }

  /** Knows whom to push to from now on. */
  connect(servers: readonly SimulatedServer[]): void {
    this.#servers = servers;
  }

  /** Hears of a task. */
  assign(task: Task): void {
    this.#task = task;
    this.#computeIfReady();
  }

  /** Has read one server's slice of the next version. */
  onSlice(): void {
    this.#numSlices++;
    if (this.#numSlices < this.#servers.length) return;
    this.#numSlices = 0;
    this.#version++;
    this.#computeIfReady();
  }

  #computeIfReady(): void {
    const task = this.#task;
    if (task?.version !== this.#version) return;
    this.#task = undefined;
    const { costs, shape } = this.#simulation;
    const { loop } = this.host;
    let totalMs = 0;
    for (let i = 0; i < task.run.num; i++) {
      const ms = this.#leafMs();
      totalMs += ms;
      loop.run(ms);
    }
    this.#computed(totalMs);
    const restMs = costOf(costs.restOfTask, shape.parameterBytes);
    loop.run(restMs, () => this.#push(task.run));
  }

  /** A sample; the first leaf of a version brings its parameters in. */
  #leafMs(): number {
    const { costs, random } = this.#simulation;
    const isFirst = this.#computedVersion !== this.#version;
    this.#computedVersion = this.#version;
    return random.pick(isFirst ? costs.firstLeafMs : costs.nextLeafMs);
  }

  #push(run: LeafRun): void {
    const { costs, shape } = this.#simulation;
    const { pushSend: send, pushReceive: receive, round, toHalf } = costs;
    const { isHalfPush, parameterBytes } = shape;
    if (isHalfPush) {
      // each leaf and each sum of two is rounded
      const halving = [...Array<Cost>(2 * run.num - 1).fill(round), toHalf];
      this.host.loop.run(sumOf(halving, parameterBytes));
    }
    const bytes = sliceBytesOf(shape) / (isHalfPush ? 2 : 1) + WORD_BYTES;
    for (const server of this.#servers) {
      const received = (): void => server.onPush(this, run);
      this.host.send(server.host, { bytes, send, receive, received });
    }
  }
}
