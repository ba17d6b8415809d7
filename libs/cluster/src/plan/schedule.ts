/**
 * The work of a run, cut by the data and not by the workers: which examples
 * make step `t`, and which of them make each of its leaves.
 */
import { createRandomStream, permutation } from '@muster/data';
import type { RandomStream } from '@muster/data';
import type { RunDefinition } from '@muster/protocol';

/** Keeps the streams of different purposes apart; data uses 1. */
const LEAF_STREAM = 2;

/** What {@link Schedule} needs to know of a run. */
export type ScheduledRun = Pick<
  RunDefinition,
  'seed' | 'epochs' | 'globalBatchSize' | 'microBatches'
> & { readonly dataset: Pick<RunDefinition['dataset'], 'numTrain'> };

/** One step's place in the run. */
export interface Step {
  /** Global step, from 0; computed from parameters of this version. */
  readonly step: number;
  /** Epoch, from 0. */
  readonly epoch: number;
  /** Position of the step in its epoch, from 0. */
  readonly stepInEpoch: number;
  /** First position in the epoch's permutation. */
  readonly begin: number;
  /** Examples of the step. The last step of an epoch may be short. */
  readonly count: number;
  /** Leaves of the step; the last leaf may be short, none is empty. */
  readonly numLeaves: number;
}

/** Maps global steps and leaves to examples. Immutable but for one cache. */
export class Schedule {
  readonly stepsPerEpoch: number;
  /** Of the run, over all epochs. */
  readonly totalSteps: number;
  /** Examples a full leaf. */
  readonly leafSize: number;
  readonly #run: ScheduledRun;
  /** The permutation of the epoch that was asked for last. */
  #cached: { epoch: number; order: Uint32Array } | undefined;

  /** @throws RangeError unless all full leaves of a step are equally long. */
  constructor(run: ScheduledRun) {
    this.#run = run;
    this.leafSize = run.globalBatchSize / run.microBatches;
    if (!Number.isInteger(this.leafSize)) {
      throw new RangeError(
        `global batch of ${run.globalBatchSize} examples is not a multiple of ${run.microBatches} micro-batches`,
      );
    }
    this.stepsPerEpoch = Math.ceil(run.dataset.numTrain / run.globalBatchSize);
    this.totalSteps = this.stepsPerEpoch * run.epochs;
  }

  /**
   * The place of global step `step`.
   * @throws RangeError unless it is below `totalSteps`.
   */
  stepAt(step: number): Step {
    if (!(step >= 0 && step < this.totalSteps)) {
      throw new RangeError(`step ${step} is not below ${this.totalSteps}`);
    }
    const { globalBatchSize, dataset } = this.#run;
    const epoch = Math.floor(step / this.stepsPerEpoch);
    const stepInEpoch = step % this.stepsPerEpoch;
    const begin = stepInEpoch * globalBatchSize;
    const count = Math.min(globalBatchSize, dataset.numTrain - begin);
    const numLeaves = Math.ceil(count / this.leafSize);
    return { step, epoch, stepInEpoch, begin, count, numLeaves };
  }

  /** Examples in leaves `[firstLeaf, firstLeaf + numLeaves)` of a step. */
  countOf(step: number, firstLeaf: number, numLeaves: number): number {
    const { count } = this.stepAt(step);
    const end = Math.min(count, (firstLeaf + numLeaves) * this.leafSize);
    return end - firstLeaf * this.leafSize;
  }

  /**
   * Training-set indices of one leaf's examples: a view into the cached
   * permutation of its epoch; read only, valid until another epoch is asked.
   */
  examplesOf(step: number, leaf: number): Uint32Array {
    const { epoch, begin } = this.stepAt(step);
    const first = begin + leaf * this.leafSize;
    return this.#orderOf(epoch).subarray(
      first,
      first + this.countOf(step, leaf, 1),
    );
  }

  /** The random stream of one leaf, for dropout: whoever computes it. */
  streamOf(step: number, leaf: number): RandomStream {
    const { epoch, stepInEpoch } = this.stepAt(step);
    return createRandomStream(
      this.#run.seed,
      LEAF_STREAM,
      epoch,
      stepInEpoch,
      leaf,
    );
  }

  #orderOf(epoch: number): Uint32Array {
    if (this.#cached?.epoch !== epoch) {
      const { seed, dataset } = this.#run;
      this.#cached = {
        epoch,
        order: permutation(seed, epoch, dataset.numTrain),
      };
    }
    return this.#cached.order;
  }
}
