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
import type { RunDefinition, WireFormat } from '@muster/protocol';
import { EpochEnds } from './epoch-ends.js';
import { OnArrival } from './on-arrival.js';
import { outerOptimizerOf } from './outer-optimizer.js';
import { PastVersions } from './past-versions.js';
import { Plan } from '../plan/plan.js';
import type { LeafRun } from '../plan/plan.js';
import { refused } from './push-decision.js';
import type { AppliedStep, PushDecision } from './push-decision.js';
import { misfitOf } from './pushed-slice.js';
import type { PushedSlice } from './pushed-slice.js';
import { rounderOf } from '../formats/slice-format.js';

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

/** A parameter shard. Synchronous; holds no clock and no connection. */
export class ParameterShard {
  /** Key range `[begin, end)` in elements. */
  readonly begin: number;
  readonly end: number;
  /** Of the run. */
  readonly plan: Plan;
  /** What the numbers of a pushed slice are. */
  readonly wire: WireFormat;
  readonly #run: RunDefinition;
  readonly #optimizer: Optimizer;
  readonly #parameters: Float32Array;
  readonly #slots: Record<string, Float32Array>;
  readonly #past: PastVersions;
  readonly #epochEnds = new EpochEnds();
  #version: number;
  #tree: TreeSum;
  #arrivals: OnArrival;

  /**
   * @param numPrevious versions that can be asked for beside the newest.
   * @throws RangeError when there is not one parameter for each key.
   */
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
    const { parameters, slots } = copyOf(start, this.#optimizer.slots);
    this.#parameters = parameters;
    this.#slots = slots;
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

  /** Optimizer state by slot, float32 `[end - begin]` each; live views. */
  get slots(): Readonly<Record<string, Float32Array>> {
    return this.#slots;
  }

  /** The oldest version in a row up to the newest that is still there. */
  get oldest(): number {
    return this.#past.oldest ?? this.#version;
  }

  /**
   * The slice of a version, float32 `[end - begin]`: the newest, one of those
   * before, or an epoch's end. A live view; nothing when it is not there (any
   * more).
   */
  sliceOf(version: number): Float32Array | undefined {
    if (version === this.#version) return this.#parameters;
    return this.#epochEnds.get(version) ?? this.#past.get(version);
  }

  /** Ends of epochs that are kept, by version; slices as {@link sliceOf}. */
  get pinned(): ReadonlyMap<number, Float32Array> {
    return this.#epochEnds.slices;
  }

  /**
   * Keeps the slice of an epoch's end.
   * @param slice float32 `[end - begin]`; owned from now on.
   */
  pin(version: number, slice: Float32Array): void {
    this.#epochEnds.keep(version, slice);
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
    const misfit = misfitOf(pushed, this);
    if (misfit !== undefined) return refused('ERR_SHAPE_MISMATCH', misfit);
    const early = this.plan.isOnArrival
      ? this.#arrivals.judge(this.#placeOf(pushed), pushed.base, this.#version)
      : this.#judgeStep(pushed);
    if (early !== undefined) return { outcome: early };
    const squared = squaredNorm(pushed.slice);
    if (!Number.isFinite(squared)) return refusedNumbers(pushed);
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

/** Parameters and optimizer state, in vectors that the kernels are fast on. */
function copyOf(
  start: ShardStart,
  slots: readonly string[],
): { parameters: Float32Array; slots: Record<string, Float32Array> } {
  const { length } = start.parameters;
  const [parameters = new Float32Array(length), ...state] = kernels.allocate(
    length,
    1 + slots.length,
  );
  parameters.set(start.parameters);
  const bySlot = slots.map((slot, i): [string, Float32Array] => {
    const values = state[i] ?? new Float32Array(length);
    values.set(start.slots[slot] ?? []);
    return [slot, values];
  });
  return { parameters, slots: Object.fromEntries(bySlot) };
}

function refusedNumbers({ step, firstLeaf, numLeaves }: LeafRun): PushDecision {
  const last = firstLeaf + numLeaves - 1;
  const message = `the gradient of leaves ${firstLeaf} to ${last} of step ${step} holds NaN or an infinity`;
  return refused('ERR_NON_FINITE_GRADIENT', message);
}
