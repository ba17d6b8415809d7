/**
 * One key range of the parameters: adds contributions in the fixed order as
 * they arrive, and applies the optimizer when the last leaf of a step is in.
 */
import {
  createOptimizer,
  learningRateAt,
  squaredNorm,
  TreeSum,
} from '@muster/optimizer';
import type { Contribution, Optimizer } from '@muster/optimizer';
import type { ErrorCode, RunDefinition } from '@muster/protocol';
import { Schedule } from './schedule.js';

/** What a shard starts from: a checkpoint's slice, or version 0. */
export interface ShardStart {
  readonly version: number;
  /** Key range `[begin, end)` in elements. */
  readonly begin: number;
  readonly end: number;
  /** float32 `[end - begin]`; owned by the shard from now on. */
  readonly parameters: Float32Array;
  /** Optimizer state by slot; owned by the shard; empty means fresh. */
  readonly slots: Readonly<Record<string, Float32Array>>;
}

/** A pushed vector and where it belongs. */
export interface PushedSlice extends Contribution {
  readonly step: number;
  readonly firstLeaf: number;
  readonly numLeaves: number;
  readonly begin: number;
  readonly end: number;
}

/** What came of a push; `applied` is set when it was the step's last. */
export type PushDecision =
  | { readonly outcome: 'accepted'; readonly applied?: AppliedStep }
  | { readonly outcome: 'duplicate' | 'stale' }
  | {
      readonly outcome: 'refused';
      readonly code: ErrorCode;
      readonly message: string;
    };

/** One finished step: version `step + 1` exists now. */
export interface AppliedStep {
  readonly step: number;
  readonly count: number;
  readonly lossSum: number;
  readonly correct: number;
  readonly learningRate: number;
  /** L2 norm of the mean gradient over this shard's range. */
  readonly gradientNorm: number;
}

/** A parameter shard. Synchronous; holds no clock and no connection. */
export class ParameterShard {
  readonly begin: number;
  readonly end: number;
  readonly schedule: Schedule;
  readonly #run: RunDefinition;
  readonly #optimizer: Optimizer;
  readonly #parameters: Float32Array;
  readonly #slots: Record<string, Float32Array>;
  #version: number;
  #tree: TreeSum;

  constructor(run: RunDefinition, start: ShardStart) {
    const length = start.end - start.begin;
    if (start.parameters.length !== length) {
      throw new RangeError(
        `a shard of ${length} parameters was given ${start.parameters.length}`,
      );
    }
    this.begin = start.begin;
    this.end = start.end;
    this.schedule = new Schedule(run);
    this.#run = run;
    this.#optimizer = createOptimizer(run.optimizer);
    this.#parameters = start.parameters;
    this.#slots = {
      ...this.#optimizer.createState(length),
      ...start.slots,
    };
    this.#version = start.version;
    this.#tree = this.#plant();
  }

  /** The parameters' version: the number of applied steps. */
  get version(): number {
    return this.#version;
  }

  /** float32 `[end - begin]`; a live view, copied by whoever keeps it. */
  get parameters(): Float32Array {
    return this.#parameters;
  }

  /** Optimizer state by slot; live views. */
  get slots(): Readonly<Record<string, Float32Array>> {
    return this.#slots;
  }

  /**
   * Decides on a contribution and adds it. Takes ownership of its slice when
   * it is accepted. The same leaves a second time are a `duplicate`, another
   * step than the present one is `stale`; both change nothing.
   */
  push(pushed: PushedSlice): PushDecision {
    if (pushed.step !== this.#version) return { outcome: 'stale' };
    const misfit = this.#misfit(pushed);
    if (misfit !== undefined) {
      return {
        outcome: 'refused',
        code: 'ERR_SHAPE_MISMATCH',
        message: misfit,
      };
    }
    const { firstLeaf, numLeaves } = pushed;
    if (this.#tree.covers(firstLeaf, numLeaves) !== 'none') {
      return { outcome: 'duplicate' };
    }
    if (!Number.isFinite(squaredNorm(pushed.slice))) {
      return {
        outcome: 'refused',
        code: 'ERR_NON_FINITE_GRADIENT',
        message: `the gradient of leaves ${firstLeaf} to ${firstLeaf + numLeaves - 1} of step ${pushed.step} holds NaN or an infinity`,
      };
    }
    this.#tree.add(firstLeaf, numLeaves, pushed);
    if (!this.#tree.isFull) return { outcome: 'accepted' };
    return { outcome: 'accepted', applied: this.#apply() };
  }

  #plant(): TreeSum {
    const { schedule } = this;
    const isOver = this.#version >= schedule.totalSteps;
    return new TreeSum(isOver ? 1 : schedule.stepAt(this.#version).numLeaves);
  }

  /** Why a contribution does not fit this shard and step, if it does not. */
  #misfit(pushed: PushedSlice): string | undefined {
    const { step, firstLeaf, numLeaves, begin, end } = pushed;
    if (step >= this.schedule.totalSteps) return `step ${step} does not exist`;
    const leaves = this.schedule.stepAt(step).numLeaves;
    if (!TreeSum.isAligned(firstLeaf, numLeaves, leaves)) {
      return `${numLeaves} leaves from leaf ${firstLeaf} are not an aligned run of the ${leaves} leaves of step ${step}`;
    }
    if (begin !== this.begin || end !== this.end) {
      return `a slice of keys ${begin} to ${end} was pushed to the shard of keys ${this.begin} to ${this.end}`;
    }
    if (pushed.slice.length !== end - begin) {
      return `the slice holds ${pushed.slice.length} numbers, its key range ${end - begin}`;
    }
    const count = this.schedule.countOf(step, firstLeaf, numLeaves);
    if (pushed.count !== count) {
      return `the contribution counts ${pushed.count} examples, its leaves hold ${count}`;
    }
    return undefined;
  }

  #apply(): AppliedStep {
    const step = this.#version;
    const root = this.#tree.takeRoot();
    const learningRate = learningRateAt(
      this.#run.schedule,
      step,
      this.schedule.totalSteps,
    );
    const gradientNorm = Math.sqrt(squaredNorm(root.slice)) / root.count;
    this.#optimizer.apply({
      parameters: this.#parameters,
      gradientSum: root.slice,
      count: root.count,
      state: this.#slots,
      step: step + 1,
      learningRate,
    });
    this.#version = step + 1;
    this.#tree = this.#plant();
    const { count, lossSum, correct } = root;
    return { step, count, lossSum, correct, learningRate, gradientNorm };
  }
}
