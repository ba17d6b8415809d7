/**
 * The work that is out at present: the leaves of one step, or the chunks of
 * one evaluation, and who is given which.
 */
import type { Task } from '@muster/protocol';
import { Evaluation } from './evaluation.js';
import type { Member } from './membership.js';
import { Pace } from './pace.js';
import { TaskBoard } from './task-board.js';
import type { Lease } from './task-board.js';

/**
 * - `training`: leaves of `step` are out; ends when its tree is full.
 * - `evaluating`: chunks of the test set are out; ends when all are in.
 * - `ended`: no task is given any more.
 */
export type Phase =
  | {
      readonly name: 'training';
      readonly step: number;
      readonly board: TaskBoard;
    }
  | {
      readonly name: 'evaluating';
      readonly evaluation: Evaluation;
      readonly board: TaskBoard;
    }
  | { readonly name: 'ended' };

/** A task and the member that gets it. */
export interface Assignment {
  readonly member: Member;
  readonly task: Task;
  /** Whether somebody else holds the same work, and is slow. */
  readonly isBackup: boolean;
}

/** A worker that was passed over is asked when nobody else has come so long. */
const LAST_RESORT_FACTOR = 10;

/** One phase after the other, and task ids that never repeat. */
export class Work {
  readonly #stragglerFactor: number;
  readonly #paces = { training: new Pace(), evaluating: new Pace() };
  #phase: Phase = { name: 'ended' };
  /** Workers that were passed over in this phase, as they are too slow. */
  #passedOver: ReadonlySet<string> | undefined;
  #nextTaskId = 1;

  /**
   * @param stragglerFactor how many times the median pace makes a lease slow,
   *   so that an idle worker gets a copy; 0 never gives one.
   */
  constructor(stragglerFactor: number) {
    this.#stragglerFactor = stragglerFactor;
  }

  /** What is worked on. */
  get phase(): Phase {
    return this.#phase;
  }

  /** Puts the leaves of a step out. */
  train(step: number, numLeaves: number, nowMs: number): void {
    this.#leavePhase(nowMs);
    const board = new TaskBoard(numLeaves);
    this.#phase = { name: 'training', step, board };
  }

  /** Puts an evaluation's chunks out. */
  evaluate(version: number, numTest: number, nowMs: number): void {
    this.#leavePhase(nowMs);
    const evaluation = new Evaluation(version, numTest);
    this.#phase = { name: 'evaluating', evaluation, board: evaluation.board };
  }

  /** Gives no task any more. */
  end(): void {
    this.#phase = { name: 'ended' };
  }

  /** The board, while there is work. */
  get board(): TaskBoard | undefined {
    return this.#phase.name === 'ended' ? undefined : this.#phase.board;
  }

  /** The board, if this task is on it and this worker's. */
  boardOf(taskId: number, workerId: string): TaskBoard | undefined {
    const holder = this.board?.leases.get(taskId)?.workerId;
    return holder === workerId ? this.board : undefined;
  }

  /** Ends a worker's leases and tells how many there were. */
  release(workerId: string): number {
    return this.board?.releaseWorker(workerId).length ?? 0;
  }

  /** Notes that a lease's work was accepted, and how long it took. */
  recordPace({ workerId, num, sinceMs }: Lease, nowMs: number): void {
    if (this.#phase.name === 'ended') return;
    this.#paces[this.#phase.name].record(workerId, (nowMs - sinceMs) / num);
  }

  /**
   * Leases what is pending to active members that hold nothing, and what is
   * slow a second time to those for whom nothing is pending.
   */
  assign(active: readonly Member[], nowMs: number): Assignment[] {
    const { board } = this;
    if (board === undefined || board.isDone) return [];
    const holders = [...board.leases.values()].map((lease) => lease.workerId);
    const busy = new Set(holders);
    const idle = active.filter(({ workerId }) => !busy.has(workerId));
    if (idle.length === 0) return [];
    const helpful = this.#helpfulOf(active, board.numUnits);
    return idle.flatMap((member) => {
      const fresh = helpful.includes(member)
        ? this.#leaseTo(member, board, helpful.length, nowMs)
        : undefined;
      const lease = fresh ?? this.#backupBy(member, board, helpful, nowMs);
      if (lease === undefined) return [];
      this.#nextTaskId++;
      const isBackup = fresh === undefined;
      return [{ member, task: this.#taskOf(lease.taskId, lease), isBackup }];
    });
  }

  /** Whoever still holds work when a phase ends was too slow for it. */
  #leavePhase(nowMs: number): void {
    this.#passedOver = undefined;
    if (this.#phase.name === 'ended') return;
    const pace = this.#paces[this.#phase.name];
    for (const {
      workerId,
      num,
      sinceMs,
    } of this.#phase.board.leases.values()) {
      pace.recordUnfinished(workerId, (nowMs - sinceMs) / num);
    }
  }

  /** Who is passed over is decided once a phase. */
  #helpfulOf(active: readonly Member[], numUnits: number): readonly Member[] {
    if (this.#phase.name === 'ended') return [];
    if (this.#passedOver === undefined) {
      const ids = active.map(({ workerId }) => workerId);
      const chosen = this.#paces[this.#phase.name].helpful(ids, numUnits);
      this.#passedOver = new Set(ids.filter((id) => !chosen.includes(id)));
    }
    const passedOver = this.#passedOver;
    const helpful = active.filter(({ workerId }) => !passedOver.has(workerId));
    return helpful.length > 0 ? helpful : active;
  }

  #leaseTo(
    member: Member,
    board: TaskBoard,
    numSharing: number,
    nowMs: number,
  ): Lease | undefined {
    const isTraining = this.#phase.name === 'training';
    const lease = board.lease({
      taskId: this.#nextTaskId,
      workerId: member.workerId,
      maxUnits: isTraining ? Math.floor(board.numUnits / numSharing) : 1,
      preferred: isTraining ? member.lastFirst : undefined,
      isAlone: numSharing === 1,
      nowMs,
    });
    if (lease !== undefined && isTraining) member.lastFirst = lease.first;
    return lease;
  }

  #backupBy(
    member: Member,
    board: TaskBoard,
    helpful: readonly Member[],
    nowMs: number,
  ): Lease | undefined {
    if (this.#stragglerFactor === 0 || this.#phase.name === 'ended') return;
    const pace = this.#paces[this.#phase.name];
    const medianMs = pace.median(helpful.map(({ workerId }) => workerId));
    if (medianMs === undefined) return undefined;
    const patience = helpful.includes(member) ? 1 : LAST_RESORT_FACTOR;
    const slowUnitMs = this.#stragglerFactor * patience * medianMs;
    const { workerId } = member;
    const taskId = this.#nextTaskId;
    return board.leaseBackup({ taskId, workerId, slowUnitMs, nowMs });
  }

  #taskOf(
    taskId: number,
    { first, num }: { first: number; num: number },
  ): Task {
    if (this.#phase.name === 'evaluating') {
      const { evaluation } = this.#phase;
      const { version } = evaluation;
      const range = evaluation.rangeOf(first);
      return { kind: 'evaluate', taskId, version, ...range };
    }
    const step = this.#phase.name === 'training' ? this.#phase.step : 0;
    const run = { firstLeaf: first, numLeaves: num };
    return { kind: 'gradient', taskId, step, ...run };
  }
}
