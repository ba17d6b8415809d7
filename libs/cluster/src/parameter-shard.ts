/**
 * One key range of the parameters: decides on contributions and makes
 * versions of them, at the last leaf of a step or round, or one by one.
 */
import {
  createOptimizer,
  kernels,
  squaredNorm,
  TreeSum,
} from '@muster/optimizer';
import type { Contribution, Optimizer } from '@muster/optimizer';
import type { ErrorCode, RunDefinition, WireFormat } from '@muster/protocol';
import { OnArrival } from './on-arrival.js';
import { PastVersions } from './past-versions.js';
import { Plan } from './plan.js';
import type { LeafRun } from './plan.js';
import { outerOptimizerOf } from './outer-optimizer.js';
import { rounderOf } from './slice-format.js';

/** What a shard starts from: a checkpoint's slice, or version 0. */
export interface ShardStart {
  readonly version: number;
  /** Key range `[begin, end)` in elements. */
  readonly begin: number;
  readonly end: number;
  /** float32 `[end - begin]`; copied. */
  readonly parameters: Float32Array;
  /** Optimizer state by slot; copied; empty means fresh. */
  readonly slots: Readonly<Record<string, Float32Array>>;
}

/**
 * A pushed vector and where it belongs; rounded already to the run's format,
 * as everything is that a worker has added up.
 */
export interface PushedSlice extends Contribution, LeafRun {
  readonly begin: number;
  readonly end: number;
  /** Version of this shard's slice that it was computed from. */
  readonly base: number;
}

/** What came of a push; `applied` is set when it made a new version. */
export type PushDecision =
  | {
      readonly outcome: 'accepted';
      readonly staleness: number;
      readonly applied?: AppliedStep;
    }
  | { readonly outcome: 'duplicate' | 'overlap' | 'stale' }
  | {
      readonly outcome: 'refused';
      readonly code: ErrorCode;
      readonly message: string;
    };

/** A new version: `version` exists now. */
export interface AppliedStep {
  readonly version: number;
  /** Global step that was worked on. */
  readonly step: number;
  readonly count: number;
  readonly lossSum: number;
  readonly correct: number;
  readonly learningRate: number;
  /** Of the mean gradient over this shard's range: L2 norm, squared. */
  readonly squaredNorm: number;
  /** What the optimizer was given: float32 `[end - begin]`, not changed. */
  readonly sum: Float32Array;
}

/** A parameter shard. Synchronous; holds no clock and no connection. */
export class ParameterShard {
  readonly begin: number;
  readonly end: number;
  readonly plan: Plan;
  /** What the numbers of a pushed slice are. */
  readonly wire: WireFormat;
  readonly #run: RunDefinition;
  readonly #optimizer: Optimizer;
  readonly #parameters: Float32Array;
  readonly #slots: Record<string, Float32Array>;
  readonly #past: PastVersions;
  /**
   * The last two epochs' ends, by version: the last one is evaluated while
   * training goes on, and may be so when the next one is made.
   */
  readonly #pinned = new Map<number, Float32Array>();
  #version: number;
  #tree: TreeSum;
  #arrivals: OnArrival;

  /** @param numPrevious versions that can be asked for beside the newest. */
  constructor(run: RunDefinition, start: ShardStart, numPrevious = 0) {
    const length = start.end - start.begin;
    if (start.parameters.length !== length) {
      throw new RangeError(
        `a shard of ${length} parameters was given ${start.parameters.length}`,
      );
    }
    this.begin = start.begin;
    this.end = start.end;
    this.plan = new Plan(run);
    this.wire = run.wire;
    this.#run = run;
    this.#optimizer =
      outerOptimizerOf(run.consistency) ?? createOptimizer(run.optimizer);
    const { slots } = this.#optimizer;
    const [parameters = new Float32Array(length), ...state] = kernels.allocate(
      length,
      1 + slots.length,
    );
    parameters.set(start.parameters);
    this.#parameters = parameters;
    this.#slots = Object.fromEntries(
      slots.map((slot, i) => {
        const values = state[i] ?? new Float32Array(length);
        values.set(start.slots[slot] ?? []);
        return [slot, values];
      }),
    );
    this.#past = new PastVersions(numPrevious);
    this.#version = start.version;
    this.#tree = this.#plant();
    this.#arrivals = new OnArrival(run.consistency, start.version);
    this.#pin();
  }

  /** The parameters' version: the number of versions made. */
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

  /** The oldest version in a row up to the newest that is still there. */
  get oldest(): number {
    return this.#past.oldest ?? this.#version;
  }

  /**
   * The slice of a version: the newest, one of those before, or the last
   * epoch's end. A live view; nothing when it is not there (any more).
   */
  sliceOf(version: number): Float32Array | undefined {
    if (version === this.#version) return this.#parameters;
    return this.#pinned.get(version) ?? this.#past.get(version);
  }

  /** Ends of epochs that are kept, by version; live views. */
  get pinned(): ReadonlyMap<number, Float32Array> {
    return this.#pinned;
  }

  /** Keeps the slice of an epoch's end, which it owns from now on. */
  pin(version: number, slice: Float32Array): void {
    this.#pinned.set(version, slice);
    const oldest = Math.min(...this.#pinned.keys());
    if (this.#pinned.size > 2) this.#pinned.delete(oldest);
  }

  /** Whether this push, if it is accepted, makes a new version. */
  completes({ step, firstLeaf, numLeaves }: LeafRun): boolean {
    if (this.plan.isOnArrival) return true;
    if (this.plan.versionOf(step, firstLeaf) !== this.#version) return false;
    return this.#tree.leavesIn + numLeaves === this.#numLeaves();
  }

  /**
   * Decides on a contribution and adds it. Takes ownership of its slice when
   * it is accepted. The same leaves a second time are a `duplicate`, another
   * step than the present one is `stale`; both change nothing.
   */
  push(pushed: PushedSlice): PushDecision {
    const misfit = this.#misfit(pushed);
    if (misfit !== undefined) {
      return {
        outcome: 'refused',
        code: 'ERR_SHAPE_MISMATCH',
        message: misfit,
      };
    }
    const early = this.plan.isOnArrival
      ? this.#arrivals.judge(this.#placeOf(pushed), pushed.base, this.#version)
      : this.#judgeStep(pushed);
    if (early !== undefined) return { outcome: early };
    const squared = squaredNorm(pushed.slice);
    if (!Number.isFinite(squared)) {
      const { firstLeaf, numLeaves, step } = pushed;
      return {
        outcome: 'refused',
        code: 'ERR_NON_FINITE_GRADIENT',
        message: `the gradient of leaves ${firstLeaf} to ${firstLeaf + numLeaves - 1} of step ${step} holds NaN or an infinity`,
      };
    }
    return this.plan.isOnArrival
      ? this.#applyOnArrival(pushed, squared)
      : this.#addToStep(pushed, squared);
  }

  /** Makes the next version of a sum that another server has added up. */
  replay(root: Contribution): AppliedStep {
    return this.#apply(root, 1, squaredNorm(root.slice));
  }

  #judgeStep(
    pushed: PushedSlice,
  ): 'stale' | 'duplicate' | 'overlap' | undefined {
    const { step, firstLeaf, numLeaves } = pushed;
    if (this.plan.versionOf(step, firstLeaf) !== this.#version) return 'stale';
    const covered = this.#tree.covers(firstLeaf, numLeaves);
    if (covered === 'none') return undefined;
    return covered === 'all' ? 'duplicate' : 'overlap';
  }

  #addToStep(pushed: PushedSlice, squared: number): PushDecision {
    const isWhole = pushed.numLeaves === this.#numLeaves();
    this.#tree.add(pushed.firstLeaf, pushed.numLeaves, pushed);
    if (!this.#tree.isFull) return { outcome: 'accepted', staleness: 0 };
    const root = this.#tree.takeRoot();
    // what is not summed with anything has the norm that it came with
    const rootSquared = isWhole ? squared : squaredNorm(root.slice);
    const applied = this.#apply(root, 1, rootSquared);
    return { outcome: 'accepted', staleness: 0, applied };
  }

  #applyOnArrival(pushed: PushedSlice, squared: number): PushDecision {
    const staleness = this.#version - pushed.base;
    this.#arrivals.enter(this.#placeOf(pushed));
    const scale = this.#arrivals.scaleOf(staleness);
    const applied = this.#apply(pushed, scale, squared);
    return { outcome: 'accepted', staleness, applied };
  }

  #placeOf({ step, firstLeaf }: LeafRun): number {
    return this.plan.versionOf(step, firstLeaf);
  }

  #numLeaves(): number {
    const { plan } = this;
    if (plan.isOnArrival || this.#version >= plan.totalVersions) return 1;
    return plan.schedule.stepAt(plan.stepOf(this.#version)).numLeaves;
  }

  #plant(): TreeSum {
    return new TreeSum(this.#numLeaves(), { round: rounderOf(this.wire) });
  }

  /** Why a contribution does not fit this shard and run, if it does not. */
  #misfit(pushed: PushedSlice): string | undefined {
    const { step, firstLeaf, numLeaves, begin, end } = pushed;
    const { schedule } = this.plan;
    if (step >= schedule.totalSteps) return `step ${step} does not exist`;
    const leaves = schedule.stepAt(step).numLeaves;
    if (!TreeSum.isAligned(firstLeaf, numLeaves, leaves)) {
      return `${numLeaves} leaves from leaf ${firstLeaf} are not an aligned run of the ${leaves} leaves of step ${step}`;
    }
    const first = this.plan.stepOf(this.plan.versionOf(step, firstLeaf));
    if (step !== first) {
      return `step ${step} is within the round of step ${first}, which is pushed as a whole`;
    }
    if (this.plan.isOnArrival && numLeaves !== 1) {
      return `${numLeaves} leaves were pushed together, in this mode each goes alone`;
    }
    if (begin !== this.begin || end !== this.end) {
      return `a slice of keys ${begin} to ${end} was pushed to the shard of keys ${this.begin} to ${this.end}`;
    }
    if (pushed.slice.length !== end - begin) {
      return `the slice holds ${pushed.slice.length} numbers, its key range ${end - begin}`;
    }
    const count = this.plan.countOf(pushed);
    if (pushed.count !== count) {
      return `the contribution counts ${pushed.count} examples, its leaves hold ${count}`;
    }
    return undefined;
  }

  /**
   * @param scale of the learning rate.
   * @param squared of the sum: its L2 norm, squared.
   */
  #apply(root: Contribution, scale: number, squared: number): AppliedStep {
    const version = this.#version + 1;
    const step = this.plan.stepOf(this.#version);
    const isLocal = this.#run.consistency.name === 'local';
    // the outer rule's own rate is in it; a replica counts one
    const learningRate = this.plan.learningRateAt(step) * scale;
    const count = isLocal ? this.#numLeaves() : root.count;
    this.#past.keep(this.#version, this.#parameters);
    this.#optimizer.apply({
      parameters: this.#parameters,
      gradientSum: root.slice,
      count,
      state: this.#slots,
      step: version,
      learningRate,
    });
    this.#version = version;
    this.#tree = this.#plant();
    this.#pin();
    return {
      ...{ version, step, learningRate },
      count: root.count,
      lossSum: root.lossSum,
      correct: root.correct,
      squaredNorm: squared / count ** 2,
      sum: root.slice,
    };
  }

  #pin(): void {
    if (!this.plan.endsEpoch(this.#version)) return;
    this.pin(this.#version, this.#parameters.slice());
  }
}
