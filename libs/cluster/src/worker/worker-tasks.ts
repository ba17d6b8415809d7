/**
 * What a worker was given to do and what it computes at present, from the
 * assignment to the push.
 */
import type { Packet, Phases, Task, WireFormat } from '@muster/protocol';
import { evaluatedOf, pushesOf } from './contribution.js';
import type { Lent, SliceStore } from './slice-store.js';
import type { UnansweredPushes } from './unanswered-pushes.js';
import type {
  EvaluationResult,
  GradientResult,
  RunTraits,
  WorkerEffect,
  WorkerEvent,
} from './worker-events.js';
import type { WorkerLinks } from './worker-links.js';

interface Running {
  /** What it counts as; the coordinator may have given it a new id. */
  task: Task;
  /**
   * What it is called here: another coordinator begins anew to number tasks,
   * and what is given up may be answered late.
   */
  readonly computeId: number;
  /** For the task, then for its parameters. */
  readonly waited: Pick<Phases, 'wait' | 'pull'>;
  readonly lent: Lent;
}

/** Between asking for parameters twice. Milliseconds. */
const ASK_AGAIN_MS = 500;

/** See the head of this file. */
export class WorkerTasks {
  readonly #links: WorkerLinks;
  readonly #pushes: UnansweredPushes;
  readonly #emit: (effect: WorkerEffect) => void;
  #slices: SliceStore | undefined;
  #isOnArrival = false;
  #wire: WireFormat = 'float32';
  /** Given and not begun, in the order in which they came. */
  #assigned: Task[] = [];
  /** When the newest task came. Milliseconds. */
  #assignedAtMs = 0;
  #running: Running | undefined;
  #askedAtMs: number | undefined;
  #idleSinceMs = 0;
  #lastComputeId = 0;
  #nowMs = 0;

  constructor(
    links: WorkerLinks,
    pushes: UnansweredPushes,
    emit: (effect: WorkerEffect) => void,
  ) {
    this.#links = links;
    this.#pushes = pushes;
    this.#emit = emit;
  }

  /** Time; every call after it happens at this time. Milliseconds. */
  at(nowMs: number): void {
    this.#nowMs = nowMs;
  }

  /** Parameters will be here from now on, and this is their run. */
  begin(slices: SliceStore, { isOnArrival, wire }: RunTraits): void {
    this.#slices = slices;
    this.#isOnArrival = isOnArrival;
    this.#wire = wire;
    this.#idleSinceMs = this.#nowMs;
  }

  /** What was given before counts no more: the coordinator gives it anew. */
  forgetAssigned(): void {
    this.#assigned = [];
  }

  /**
   * Takes a task. A gradient task takes the place of the one before it, which
   * somebody else has done, or which has to be done from other parameters.
   */
  assign(task: Task): void {
    const running = this.#running;
    if (running && isSame(running.task, task)) {
      running.task = task;
      return;
    }
    this.#assigned = this.#assigned.filter(({ kind }) => kind !== task.kind);
    if (running?.task.kind === 'gradient' && task.kind === 'gradient') {
      this.#abandon(running);
    }
    this.#assigned.push(task);
    this.#assignedAtMs = this.#nowMs;
    this.#askedAtMs = undefined;
    this.runNext();
  }

  /**
   * Begins the first task whose parameters are here; asks for them if there
   * is none. One that has to wait keeps no other: what it waits for may be
   * made of the other.
   */
  runNext(): void {
    if (this.#running !== undefined) return;
    for (const task of this.#assigned) {
      const lent = this.#lentFor(task);
      if (lent) return this.#begin(task, lent);
    }
    this.askAgain();
  }

  /** Asks for what is missing, again after a while: an answer may be lost. */
  askAgain(): void {
    if (this.#running !== undefined || this.#assigned.length === 0) return;
    const askedAtMs = this.#askedAtMs;
    const isFirst = askedAtMs === undefined;
    if (!isFirst && this.#nowMs - askedAtMs < ASK_AGAIN_MS) return;
    this.#askedAtMs = this.#nowMs;
    this.#slices?.wantOnly(this.#assigned.map(versionOf));
    for (const task of this.#assigned) this.#askFor(task, isFirst);
  }

  /** Asks at once: a server that is back knows of no question before. */
  askAnew(): void {
    this.#askedAtMs = undefined;
    this.askAgain();
  }

  /** A gradient is there: off it goes. */
  computed(taskId: number, result: GradientResult): void {
    const running = this.#finish(taskId);
    if (running?.task.kind !== 'gradient') return;
    const { task, waited, lent } = running;
    const ranges = Array.from({ length: this.#links.numServers }, (_, link) =>
      this.#links.placeOf(link),
    );
    const facts = { ...lent, waited, wire: this.#wire };
    this.#push(task.taskId, pushesOf(task, result, facts, ranges));
  }

  /** Counts of test examples are there. */
  evaluated(taskId: number, result: EvaluationResult): void {
    const running = this.#finish(taskId);
    if (running?.task.kind !== 'evaluate') return;
    const { task } = running;
    const packets = new Map([[0, evaluatedOf(task, result)]]);
    this.#push(task.taskId, packets);
  }

  /** It could not be computed. */
  failed(event: Extract<WorkerEvent, { type: 'task-failed' }>): void {
    const running = this.#finish(event.taskId);
    if (running === undefined) return;
    const { code, message } = event;
    const { taskId } = running.task;
    this.#links.send(0, {
      message: { type: 'task-failed', taskId, code, message },
    });
    this.runNext();
  }

  #push(taskId: number, packets: ReadonlyMap<number, Packet>): void {
    this.#pushes.push(taskId, packets);
    this.runNext();
  }

  #lentFor(task: Task): Lent | undefined {
    if (task.kind === 'evaluate') return this.#slices?.exactly(task.version);
    return this.#isOnArrival
      ? this.#slices?.atLeast(task.base)
      : this.#slices?.exactly(task.base);
  }

  #begin(task: Task, lent: Lent): void {
    this.#assigned = this.#assigned.filter((one) => one !== task);
    this.#askedAtMs = undefined;
    const waited = this.#waited();
    const computeId = Math.max(task.taskId, this.#lastComputeId + 1);
    this.#lastComputeId = computeId;
    this.#running = { task, computeId, waited, lent };
    const { parameters } = lent;
    const begun = { ...task, taskId: computeId };
    this.#emit({ type: 'compute', task: begun, parameters });
  }

  /** What a task that begins now has waited for since the worker was idle. */
  #waited(): Running['waited'] {
    const idleSinceMs = this.#idleSinceMs;
    const cameAtMs = Math.max(idleSinceMs, this.#assignedAtMs);
    return { wait: cameAtMs - idleSinceMs, pull: this.#nowMs - cameAtMs };
  }

  #askFor(task: Task, isFirst: boolean): void {
    const slices = this.#slices;
    if (slices === undefined) return;
    const version = versionOf(task);
    if (task.kind === 'gradient' && this.#isOnArrival) {
      const message = { type: 'pull', atLeast: version } as const;
      for (const link of slices.behind(version)) {
        this.#links.send(link, { message });
      }
      return;
    }
    // a newer version than any here is on its way by itself
    const isComing = slices.isComing(version);
    const missing = slices.missing(version);
    if (isFirst && isComing) return;
    const message = { type: 'pull', version } as const;
    for (const link of missing) this.#links.send(link, { message });
  }

  #abandon({ computeId }: Running): void {
    this.#running = undefined;
    this.#slices?.giveBack();
    this.#idleSinceMs = this.#nowMs;
    this.#emit({ type: 'abandon', taskId: computeId });
  }

  /** The running task of this id, which is not running any more. */
  #finish(computeId: number): Running | undefined {
    const running = this.#running;
    if (running?.computeId !== computeId) return undefined;
    this.#running = undefined;
    this.#slices?.giveBack();
    this.#idleSinceMs = this.#nowMs;
    return running;
  }
}

function versionOf(task: Task): number {
  return task.kind === 'evaluate' ? task.version : task.base;
}

function isSame(running: Task, given: Task): boolean {
  if (running.kind === 'evaluate' || given.kind === 'evaluate') return false;
  return (
    running.step === given.step &&
    running.base === given.base &&
    running.firstLeaf === given.firstLeaf &&
    running.numLeaves === given.numLeaves
  );
}
