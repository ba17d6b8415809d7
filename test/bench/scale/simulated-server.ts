/**
 * A parameter server in a simulation: checks each slice, adds it as a binary
 * tree on arrival, answers, and tells the coordinator; at the last leaf it
 * applies the optimizer, and sends its slice, encoded once, to every worker.
 */
import { TreeSum } from '@muster/optimizer';
import { say, sliceBytesOf, sumOf, WORD_BYTES } from './cluster-shape.js';
import type { Simulation } from './cluster-shape.js';
import { costOf, restOfPushAt } from './costs.js';
import type { LeafRun } from './deal.js';
import { Host } from './host.js';
import type { SimulatedWorker } from './simulated-worker.js';

/** Tells the coordinator that a server has a worker's leaves. */
export type Account = (worker: SimulatedWorker, run: LeafRun) => void;

const NOTHING = new Float32Array(0);

/** See the head of this file. */
export class SimulatedServer {
  readonly host: Host;
  readonly #simulation: Simulation;
  readonly #coordinator: Host | undefined;
  readonly #account: Account;
  #workers: readonly SimulatedWorker[] = [];
  #tree = new TreeSum(1);
  #numJoins = 0;

  /** @param coordinator where it is; left out: in this very process. */
  constructor(simulation: Simulation, account: Account, coordinator?: Host) {
    this.host = new Host(simulation.around);
    this.#simulation = simulation;
    this.#account = account;
    this.#coordinator = coordinator;
    this.#plant();
  }

  /** Knows who works from now on. */
  connect(workers: readonly SimulatedWorker[]): void {
    this.#workers = workers;
  }

  /** Has read a worker's slice. */
  onPush(worker: SimulatedWorker, run: LeafRun): void {
    const before = this.#numJoins;
    const sums = { slice: NOTHING, count: 1, lossSum: 0, correct: 0 };
    this.#tree.add(run.first, run.num, sums);
    const isLast = this.#tree.isFull;
    const workMs = this.#workMs(this.#numJoins - before, isLast);
    if (isLast) this.#plant();
    this.host.loop.run(workMs, () => {
      const { costs } = this.#simulation;
      say(costs, this.host, worker.host, () => undefined);
      const account = (): void => this.#account(worker, run);
      if (this.#coordinator) say(costs, this.host, this.#coordinator, account);
      if (isLast) this.#publish();
      if (!this.#coordinator) account();
    });
  }

  #workMs(numJoins: number, isLast: boolean): number {
    const { costs, shape } = this.#simulation;
    const pushedBytes = shape.numWorkers * sliceBytesOf(shape);
    const work = [costs.check, restOfPushAt(costs, pushedBytes)];
    if (shape.isHalfPush) work.push(costs.fromHalf);
    for (let i = 0; i < numJoins; i++) {
      work.push(costs.add);
      if (shape.isHalfPush) work.push(costs.round);
    }
    if (isLast) work.push(costs.apply);
    const accountMs = this.#coordinator ? 0 : costs.accountMs;
    return sumOf(work, sliceBytesOf(shape)) + accountMs;
  }

  #plant(): void {
    this.#numJoins = 0;
    const { leavesPerStep } = this.#simulation.shape;
    this.#tree = new TreeSum(leavesPerStep, {
      recycle: () => {
        this.#numJoins++;
      },
    });
  }

  #publish(): void {
    const { costs, shape } = this.#simulation;
    const { parametersSend: send, parametersReceive: receive } = costs;
    const sliceBytes = sliceBytesOf(shape);
    this.host.loop.run(costOf(costs.parametersEncode, sliceBytes));
    const bytes = sliceBytes + WORD_BYTES;
    for (const worker of this.#workers) {
      const received = (): void => worker.onSlice();
      this.host.send(worker.host, { bytes, send, receive, received });
    }
  }
}
