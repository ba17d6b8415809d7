/**
 * Synchronous training as Muster does it, without a number in it:
 *
 * 1. the coordinator, server 0, deals the step's leaves;
 * 2. a worker that holds every server's slice of the step's version computes
 *    its leaves, adds them, and pushes a slice to each server;
 * 3. a server adds it, answers, and tells the coordinator; at the last leaf
 *    it makes the next version of its slice and sends it to every worker;
 * 4. when every server has every leaf, the next step begins.
 *
 * Left out, as they are no part of a step: evaluation, checkpoints,
 * heartbeats, copies of slow tasks. Pure: time is virtual, and the random
 * source is passed in.
 */
import { say } from './cluster-shape.js';
import type { Simulation } from './cluster-shape.js';
import { Deal } from './deal.js';
import type { LeafRun } from './deal.js';
import { SimulatedServer } from './simulated-server.js';
import { SimulatedWorker } from './simulated-worker.js';

/** One step. Milliseconds. */
export interface StepRecord {
  readonly endMs: number;
  /** Of one task, the mean over the step's. */
  readonly meanComputeMs: number;
  readonly maxComputeMs: number;
}

/** See the head of this file. */
export class SimulatedCluster {
  readonly steps: StepRecord[] = [];
  readonly workers: readonly SimulatedWorker[];
  readonly servers: readonly SimulatedServer[];
  readonly #simulation: Simulation;
  readonly #coordinator: SimulatedServer;
  #deal: Deal;
  #computeMs: number[] = [];

  constructor(simulation: Simulation) {
    this.#simulation = simulation;
    const { numWorkers, numServers } = simulation.shape;
    const { accountMs } = simulation.costs;
    this.#coordinator = new SimulatedServer(simulation, (worker, run) =>
      this.#mark(worker, run),
    );
    const { host } = this.#coordinator;
    const account = (worker: SimulatedWorker, run: LeafRun): void =>
      host.loop.run(accountMs, () => this.#mark(worker, run));
    const others = Array.from(
      { length: numServers - 1 },
      () => new SimulatedServer(simulation, account, host),
    );
    this.servers = [this.#coordinator, ...others];
    const computed = (ms: number): void => void this.#computeMs.push(ms);
    this.workers = Array.from(
      { length: numWorkers },
      () => new SimulatedWorker(simulation, computed),
    );
    for (const worker of this.workers) worker.connect(this.servers);
    for (const server of this.servers) server.connect(this.workers);
    this.#deal = this.#dealOut();
  }

  /** Simulates all steps. */
  run(): void {
    this.#simulation.around.timeline.run();
  }

  #dealOut(): Deal {
    const { leavesPerStep, numWorkers, numServers } = this.#simulation.shape;
    const deal = new Deal(leavesPerStep, numWorkers, numServers);
    for (const worker of this.workers) this.#assign(worker, deal);
    return deal;
  }

  #assign(worker: SimulatedWorker, deal: Deal): void {
    const run = deal.take();
    if (run === undefined) return;
    const task = { version: this.steps.length, run };
    const { costs } = this.#simulation;
    const { host } = this.#coordinator;
    say(costs, host, worker.host, () => worker.assign(task));
  }

  /** One more server has a worker's leaves. */
  #mark(worker: SimulatedWorker, run: LeafRun): void {
    if (!this.#deal.mark(run)) return;
    if (!this.#deal.isOver) return this.#assign(worker, this.#deal);
    this.#record();
    const { numSteps } = this.#simulation.shape;
    if (this.steps.length <= numSteps) this.#deal = this.#dealOut();
  }

  #record(): void {
    const { nowMs } = this.#simulation.around.timeline;
    const all = this.#computeMs;
    this.steps.push({
      endMs: nowMs,
      meanComputeMs: all.reduce((sum, ms) => sum + ms, 0) / all.length,
      maxComputeMs: Math.max(...all),
    });
    this.#computeMs = [];
  }
}
