/**
 * The work that is out at present: the units of one segment, the chunks of
 * one evaluation beside it, and who is given which.
 */
import type { Task } from '@muster/protocol';
import { Evaluation } from './evaluation.js';
import type { TestSet } from './evaluation.js';
import type { OwedEpoch } from '../coordinator/ledger.js';
import type { Member } from '../coordinator/membership.js';
import type { Plan, Segment } from '../plan/plan.js';
import { Stragglers } from './stragglers.js';
import type { WorkKind } from './stragglers.js';
import { TaskBoard } from './task-board.js';
import type { Lease } from './task-board.js';

/** A task and the member that gets it. */
export interface Assignment {
  readonly member: Member;
  readonly task: Task;
  /** Whether somebody else holds the same work, and is slow. */
  readonly isBackup: boolean;
}

/** How work is handed out; none of it changes the result. */
export interface WorkOptions {
  /**
   * How many times the median pace makes a lease slow, so that an idle worker
   * gets a copy; 0 never gives one.
   */
  readonly stragglerFactor: number;
  readonly numServers: number;
  /** Most staleness that a task may come to, where there is a bound. */
  readonly maxStaleness: number | undefined;
}

/** One segment after the other, and task ids that never repeat. */
export class Work {
  readonly #plan: Plan;
  readonly #options: WorkOptions;
  readonly #stragglers: Stragglers;
  #training: { segment: Segment; board: TaskBoard } | undefined;
  #evaluation: Evaluation | undefined;
  #nextTaskId = 1;

  constructor(plan: Plan, options: WorkOptions) {
    this.#plan = plan;
    this.#options = options;
    this.#stragglers = new Stragglers(options.stragglerFactor);
  }

  /** The segment that is out, if one is. */
  get segment(): Segment | undefined {
    return this.#training?.segment;
  }

  /** The board of the segment that is out, if one is. */
  get board(): TaskBoard | undefined {
    return this.#training?.board;
  }

  /** The evaluation that is out, if one is. */
  get evaluation(): Evaluation | undefined {
    return this.#evaluation;
  }

  /** Puts the units of a segment out. */
  train(segment: Segment, nowMs: number): TaskBoard {
    this.stopTraining(nowMs);
    const board = new TaskBoard(segment.numUnits, this.#options.numServers);
    this.#training = { segment, board };
    return board;
  }

  /** Takes the segment away. Whoever still holds some of it was too slow. */
  stopTraining(nowMs: number): void {
    const unfinished = this.board?.leases.values() ?? [];
    this.#stragglers.endSegment(unfinished, nowMs);
    this.#training = undefined;
  }

  /** Everything of the segment that is not done is given out anew. */
  releaseTraining(): void {
    const { board } = this;
    if (board === undefined) return;
    for (const taskId of [...board.leases.keys()]) board.release(taskId);
  }

  /** Leaves of the segment that were never given are not given any more. */
  shorten(): void {
    if (this.#training === undefined) return;
    const { segment, board } = this.#training;
    const numUnits = board.truncate();
    const endVersion = segment.firstVersion + numUnits;
    this.#training = { segment: { ...segment, numUnits, endVersion }, board };
  }

  /** Puts an evaluation's chunks out. */
  evaluate(owed: OwedEpoch, testSet: TestSet): void {
    this.#evaluation = new Evaluation(owed, testSet);
  }

  /** Takes the evaluation away. */
  stopEvaluating(): void {
    this.#evaluation = undefined;
  }

  /** The board that holds this task, if it is this worker's. */
  boardOf(
    taskId: number,
    workerId: string,
  ): { kind: WorkKind; board: TaskBoard } | undefined {
    for (const [kind, board] of this.#boards) {
      const holder = board.leases.get(taskId)?.workerId;
      if (holder === workerId) return { kind, board };
    }
    return undefined;
  }

  /** Ends a worker's leases and tells how many there were. */
  release(workerId: string): number {
    return this.#boards.reduce(
      (sum, [, board]) => sum + board.releaseWorker(workerId).length,
      0,
    );
  }

  /** Milliseconds that a worker takes for a leaf, if that is known. */
  paceOf(workerId: string): number | undefined {
    return this.#stragglers.paceOf(workerId);
  }

  /** Notes that a lease's work is done, and how long it took. */
  recordPace(kind: WorkKind, lease: Lease, nowMs: number): void {
    this.#stragglers.record(kind, lease, nowMs);
  }

  /**
   * Leases what is pending to active members that are idle, and what is
   * slow a second time to those for whom nothing is pending.
   */
  assign(active: readonly Member[], nowMs: number): Assignment[] {
    return this.#boards.flatMap(([kind, board]) =>
      board.isDone ? [] : this.#assignFrom(kind, board, active, nowMs),
    );
  }

  get #boards(): (readonly [WorkKind, TaskBoard])[] {
    const boards: (readonly [WorkKind, TaskBoard])[] = [];
    if (this.#evaluation) boards.push(['evaluating', this.#evaluation.board]);
    if (this.#training) boards.push(['training', this.#training.board]);
    return boards;
  }

  #assignFrom(
    kind: WorkKind,
    board: TaskBoard,
    active: readonly Member[],
    nowMs: number,
  ): Assignment[] {
    const idle = active.filter(({ workerId }) => !this.#isBusy(workerId, kind));
    if (idle.length === 0) return [];
    const helpful = this.#helpfulOf(kind, active, board.numUnits);
    return idle.flatMap((member) => {
      if (!this.#mayStart(kind, board)) return [];
      const fresh = helpful.includes(member)
        ? this.#leaseTo(member, kind, board, helpful.length, nowMs)
        : undefined;
      const lease =
        fresh ?? this.#backupBy(member, kind, board, helpful, nowMs);
      if (lease === undefined) return [];
      this.#nextTaskId++;
      const isBackup = fresh === undefined;
      return [{ member, task: this.#taskOf(kind, lease), isBackup }];
    });
  }

  /**
   * Who evaluates a chunk is given its leaves of the step as well, to go on
   * with: an evaluation takes its share of every step until it is done.
   */
  #isBusy(workerId: string, kind: WorkKind): boolean {
    return this.#boards.some(
      ([other, board]) =>
        (kind === other || kind === 'evaluating' || this.#plan.isOnArrival) &&
        [...board.leases.values()].some((one) => one.workerId === workerId),
    );
  }

  /**
   * Whether one more task keeps every gradient within the bound: all that are
   * out may be applied before the oldest of them (Ho et al. 2013, section 3,
   * counted in contributions).
   */
  #mayStart(kind: WorkKind, board: TaskBoard): boolean {
    const { maxStaleness } = this.#options;
    if (kind === 'evaluating' || maxStaleness === undefined) return true;
    return [...board.leases.values()].every(
      ({ doneBefore }) =>
        board.numDone - doneBefore + board.leases.size <= maxStaleness,
    );
  }

  #helpfulOf(
    kind: WorkKind,
    active: readonly Member[],
    numUnits: number,
  ): readonly Member[] {
    if (kind === 'evaluating' || this.#plan.isOnArrival) return active;
    return this.#stragglers.helpful(active, numUnits);
  }

  #leaseTo(
    member: Member,
    kind: WorkKind,
    board: TaskBoard,
    numSharing: number,
    nowMs: number,
  ): Lease | undefined {
    const isShared = kind === 'training' && !this.#plan.isOnArrival;
    const lease = board.lease({
      taskId: this.#nextTaskId,
      workerId: member.workerId,
      maxUnits: isShared ? Math.floor(board.numUnits / numSharing) : 1,
      preferred: isShared ? member.lastFirst : undefined,
      isAlone: numSharing === 1,
      nowMs,
    });
    if (lease !== undefined && isShared) member.lastFirst = lease.first;
    return lease;
  }

  #backupBy(
    member: Member,
    kind: WorkKind,
    board: TaskBoard,
    helpful: readonly Member[],
    nowMs: number,
  ): Lease | undefined {
    const slowUnitMs = this.#stragglers.slowUnitMs(kind, member, helpful);
    if (slowUnitMs === undefined) return undefined;
    const { workerId } = member;
    const taskId = this.#nextTaskId;
    return board.leaseBackup({ taskId, workerId, slowUnitMs, nowMs });
  }

  #taskOf(kind: WorkKind, { taskId, first, num, doneBefore }: Lease): Task {
    if (kind === 'evaluating' && this.#evaluation) {
      const { version } = this.#evaluation;
      const range = this.#evaluation.rangeOf(first);
      return { kind: 'evaluate', taskId, version, ...range };
    }
    const segment = this.#training?.segment;
    if (segment === undefined) throw new RangeError('no segment is out');
    const leaves = this.#plan.leavesOf(segment, first, num);
    const applied = this.#plan.isOnArrival ? doneBefore : 0;
    const base = segment.firstVersion + applied;
    return { kind: 'gradient', taskId, ...leaves, base };
  }
}
