/** One copy of a network that computes gradients, scores and probabilities. */
import type { RandomStream } from '@muster/data';
import { AutomaticNetwork } from './automatic-network.js';
import { buildNetwork } from './build-network.js';
import { checkLength } from './check-length.js';
import { scoreLogits, softmax, type BatchLoss } from './cross-entropy.js';
import type { ModelDescription } from './describe-model.js';
import type { ParametersInput } from './device-parameters.js';
import type { DifferentiableNetwork } from './differentiable-network.js';
import { matchNetwork } from './pooled-convolution/match-network.js';
import { PooledNetwork } from './pooled-convolution/pooled-network.js';
import { sizeOf } from './size-of.js';

/** Examples of one forward pass in evaluation: memory, and one fixed grain. */
const EVALUATION_BATCH = 250;

/** Examples to predict. */
export interface PredictInput extends ParametersInput {
  /** `[count, ...inputShape]`, 0 ... 255; scaled to 0 ... 1 here. */
  readonly images: Uint8Array;
  readonly count: number;
}

/** Examples to evaluate. */
export interface EvaluateInput extends PredictInput {
  /** `[count]`, each below `numClasses`. */
  readonly labels: Uint8Array;
}

/** What examples were evaluated to. */
export interface Scores extends BatchLoss {
  /** float32 `[count, numClasses]`, the caller's; as {@link Replica.predict}. */
  readonly probabilities: Float32Array;
}

/** Examples to differentiate at. */
export interface GradientInput extends EvaluateInput {
  /** Where dropout draws its masks from, keyed by the examples. */
  readonly random: RandomStream;
  /** float32 `[numParameters]`, overwritten; stays the caller's. */
  readonly into: Float32Array;
}

/** How a replica computes. */
export interface ReplicaOptions {
  /**
   * Whether to differentiate automatically even where the gradient was derived
   * by hand: for comparing the two. Default false.
   */
  readonly isGeneral?: boolean;
}

/**
 * A copy of a network on the active backend. Every result depends on the
 * arguments alone, not on what was computed before. Not for use from several
 * threads.
 */
export class Replica {
  readonly #description: ModelDescription;
  readonly #automatic: AutomaticNetwork;
  /** Computes: the same, or one whose gradient was derived by hand. */
  readonly #network: DifferentiableNetwork;

  /**
   * Builds the network on the backend that {@link startBackend} made active.
   *
   * @throws MusterError ERR_MODEL_UNSUPPORTED as {@link describeModel}
   */
  constructor(description: ModelDescription, options: ReplicaOptions = {}) {
    this.#description = description;
    const network = buildNetwork(description.topology);
    const { layout, numClasses } = description;
    const plan = options.isGeneral
      ? undefined
      : matchNetwork(network.model, layout);
    this.#automatic = new AutomaticNetwork(network, description);
    this.#network = plan
      ? new PooledNetwork(plan, numClasses)
      : this.#automatic;
  }

  /**
   * Computes the gradient of the sum of the examples' losses into `into`, and
   * gives the loss sum and the number of correct answers under the same
   * dropout masks.
   *
   * @throws MusterError ERR_SHAPE_MISMATCH when an array's length is wrong
   * @throws MusterError ERR_DATASET_MISMATCH for a label out of range
   * @throws MusterError ERR_BACKEND when the backend lacks an operation
   */
  gradient(input: GradientInput): BatchLoss {
    const { images, labels, into, count } = input;
    checkLength('gradient', into.length, this.#description.numParameters);
    checkLength('labels', labels.length, count);
    checkLength('images', images.length, this.#sizeOf(count));
    this.#checkParameters(input);
    return this.#network.gradient(input);
  }

  /**
   * Scores examples without dropout. Counts are exact; the loss sum is added
   * in example order in float64. The probabilities cost nothing: the loss is
   * made of them.
   *
   * @throws MusterError as {@link Replica.gradient}
   */
  evaluate(input: EvaluateInput): Scores {
    const { labels, count } = input;
    checkLength('labels', labels.length, count);
    const logits = this.#logits(input);
    const { numClasses } = this.#description;
    const probabilities = new Float32Array(logits.length);
    const loss = scoreLogits(logits, labels, numClasses, probabilities);
    return { ...loss, probabilities };
  }

  /**
   * Gives float32 `[count, numClasses]` probabilities, owned by the caller.
   *
   * @throws MusterError as {@link Replica.gradient}
   */
  predict(input: PredictInput): Float32Array {
    return softmax(this.#logits(input), this.#description.numClasses);
  }

  /** Frees the network's tensors; the replica is of no use afterwards. */
  dispose(): void {
    this.#network.dispose();
    if (this.#network !== this.#automatic) this.#automatic.dispose();
  }

  /** float32 `[count, numClasses]`, without dropout. */
  #logits({ images, count, ...input }: PredictInput): Float32Array {
    checkLength('images', images.length, this.#sizeOf(count));
    this.#checkParameters(input);
    const { numClasses } = this.#description;
    const logits = new Float32Array(count * numClasses);
    for (let begin = 0; begin < count; begin += EVALUATION_BATCH) {
      const end = Math.min(begin + EVALUATION_BATCH, count);
      const part = images.subarray(this.#sizeOf(begin), this.#sizeOf(end));
      const into = logits.subarray(begin * numClasses, end * numClasses);
      const batch = { ...input, images: part, count: end - begin };
      this.#network.logits(batch, into);
    }
    return logits;
  }

  #checkParameters({ parameters }: ParametersInput): void {
    const { numParameters } = this.#description;
    checkLength('parameters', parameters.length, numParameters);
  }

  #sizeOf(count: number): number {
    return count * sizeOf(this.#description.inputShape);
  }
}
