/**
 * The work that is out at present: the leaves of one step, or the chunks of
 * one evaluation, and who is given which.
 */
import type { Task } from '@muster/protocol';
import { Evaluation } from './evaluation.js';
import type { Member } from './membership.js';
import { TaskBoard } from './task-board.js';

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
}

/** One phase after the other, and task ids that never repeat. */
export class Work {
  #phase: Phase = { name: 'ended' };
  #nextTaskId = 1;

  /** What is worked on. */
  get phase(): Phase {
    return this.#phase;
  }

  /** Puts the leaves of a step out. */
  train(step: number, numLeaves: number): void {
    const board = new TaskBoard(numLeaves);
    this.#phase = { name: 'training', step, board };
  }

  /** Puts an evaluation's chunks out. */
  evaluate(version: number, numTest: number): void {
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

  /** Leases what is pending to the active members that hold nothing. */
  assign(active: readonly Member[]): Assignment[] {
    const { board } = this;
    if (board === undefined || board.isDone) return [];
    const holders = [...board.leases.values()].map((lease) => lease.workerId);
    const busy = new Set(holders);
    return active
      .filter(({ workerId }) => !busy.has(workerId))
      .flatMap((member) => this.#assignTo(member, board, active.length));
  }

  #assignTo(member: Member, board: TaskBoard, numActive: number): Assignment[] {
    const isTraining = this.#phase.name === 'training';
    const lease = board.lease({
      taskId: this.#nextTaskId,
      workerId: member.workerId,
      maxUnits: isTraining ? Math.floor(board.numUnits / numActive) : 1,
      preferred: isTraining ? member.lastFirst : undefined,
      isAlone: numActive === 1,
    });
    if (lease === undefined) return [];
    this.#nextTaskId++;
    if (isTraining) member.lastFirst = lease.first;
    return [{ member, task: this.#taskOf(lease.taskId, lease) }];
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
