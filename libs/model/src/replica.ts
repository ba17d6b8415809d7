/** One copy of a network that computes gradients, scores and probabilities. */
import type { RandomStream } from '@muster/data';
import { MusterError } from '@muster/protocol';
import type { LayersModel, Scalar, Tensor } from '@tensorflow/tfjs';
import { buildNetwork } from './build-network.js';
import { checkLength } from './check-length.js';
import { crossEntropy, softmax, type BatchLoss } from './cross-entropy.js';
import type { ModelDescription } from './describe-model.js';
import { DeviceParameters, type ParametersInput } from './device-parameters.js';
import { keyDropout } from './keyed-dropout.js';
import { takeLogits } from './logits.js';
import { poolByPhases } from './phase-pooling.js';
import { matchNetwork } from './pooled-convolution/match-network.js';
import { PooledNetwork } from './pooled-convolution/pooled-network.js';
import { unfuseConvolution } from './plain-convolution.js';
import { sizeOf } from './size-of.js';
import { plainLayers } from './supported-layers.js';
import { tensorflow } from './tensorflow.js';

/** Examples of one forward pass in evaluation: memory, and one fixed grain. */
const EVALUATION_BATCH = 250;

/** Pixels 0 ... 255 as float32 in 0 ... 1. */
const SCALED = Float32Array.from({ length: 256 }, (_, pixel) => pixel / 255);

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
  readonly #model: LayersModel;
  readonly #parameters: DeviceParameters;
  /** Takes the place of the model where its gradient was derived by hand. */
  readonly #pooled: PooledNetwork | undefined;
  #random: RandomStream | undefined;

  /**
   * Builds the network on the backend that {@link startBackend} made active.
   *
   * @throws MusterError ERR_MODEL_UNSUPPORTED as {@link describeModel}
   */
  constructor(description: ModelDescription, options: ReplicaOptions = {}) {
    this.#description = description;
    const network = buildNetwork(description.topology);
    this.#model = network.model;
    this.#parameters = new DeviceParameters(
      network.weights,
      description.layout,
    );
    const plan = options.isGeneral
      ? undefined
      : matchNetwork(network.model, description.layout);
    this.#pooled = plan && new PooledNetwork(plan, description.numClasses);
    takeLogits(network.model);
    for (const layer of plainLayers(network.model)) this.#specialize(layer);
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
    const { labels, into, random, count } = input;
    checkLength('gradient', into.length, this.#description.numParameters);
    checkLength('labels', labels.length, count);
    checkLength('images', input.images.length, this.#sizeOf(count));
    this.#parameters.check(input);
    if (this.#pooled !== undefined) return this.#pooled.gradient(input);
    this.#parameters.upload(input);
    this.#random = random;
    const tf = tensorflow();
    let batchLoss: BatchLoss = { count, lossSum: 0, correct: 0 };
    const report = (loss: BatchLoss): void => {
      batchLoss = loss;
    };
    try {
      // Nothing is returned: tidy walks what is, element by element.
      tf.tidy(() => {
        const images = this.#imageTensor(input.images, 0, count);
        const { grads } = tf.variableGrads(
          () => lossOf(this.#apply(images, true), labels, report),
          this.#parameters.variables,
        );
        this.#parameters.readGradients(grads, into);
      });
    } catch (error) {
      throw missingKernel(error);
    } finally {
      this.#random = undefined;
    }
    return batchLoss;
  }

  /**
   * Scores examples without dropout. Counts are exact; the loss sum is added
   * in example order in float64.
   *
   * @throws MusterError as {@link Replica.gradient}
   */
  evaluate(input: EvaluateInput): BatchLoss {
    const { labels, count } = input;
    checkLength('labels', labels.length, count);
    const logits = this.#logits(input);
    return crossEntropy(logits, labels, this.#description.numClasses);
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
    this.#pooled?.dispose();
    this.#model.dispose();
  }

  #specialize(layer: LayersModel['layers'][number]): void {
    switch (layer.getClassName()) {
      case 'Dropout':
        return keyDropout(layer, () => this.#currentStream());
      case 'MaxPooling2D':
        return poolByPhases(layer);
      case 'Conv2D':
        return unfuseConvolution(layer);
      default:
        return;
    }
  }

  #currentStream(): RandomStream {
    if (this.#random !== undefined) return this.#random;
    throw new MusterError(
      'ERR_INTERNAL',
      'dropout was computed outside of a gradient',
    );
  }

  #imageTensor(images: Uint8Array, begin: number, count: number): Tensor {
    const size = sizeOf(this.#description.inputShape);
    const scaled = new Float32Array(count * size);
    const offset = begin * size;
    for (let i = 0; i < scaled.length; i += 1) {
      scaled[i] = SCALED[images[offset + i] ?? 0] ?? 0;
    }
    const shape = [count, ...this.#description.inputShape];
    return tensorflow().tensor(scaled, shape, 'float32');
  }

  #apply(images: Tensor, training: boolean): Tensor {
    return this.#model.apply(images, { training }) as Tensor;
  }

  /** float32 `[count, numClasses]`, without dropout. */
  #logits({ images, count, ...input }: PredictInput): Float32Array {
    checkLength('images', images.length, this.#sizeOf(count));
    this.#parameters.check(input);
    if (this.#pooled === undefined) this.#parameters.upload(input);
    const { numClasses } = this.#description;
    const logits = new Float32Array(count * numClasses);
    for (let begin = 0; begin < count; begin += EVALUATION_BATCH) {
      const end = Math.min(begin + EVALUATION_BATCH, count);
      const part = images.subarray(this.#sizeOf(begin), this.#sizeOf(end));
      const into = logits.subarray(begin * numClasses, end * numClasses);
      const batch = { ...input, images: part, count: end - begin };
      if (this.#pooled === undefined) this.#logitsOf(batch, into);
      else this.#pooled.logits(batch, into);
    }
    return logits;
  }

  #logitsOf({ images, count }: PredictInput, into: Float32Array): void {
    tensorflow().tidy(() => {
      const output = this.#apply(this.#imageTensor(images, 0, count), false);
      into.set(output.dataSync<'float32'>());
    });
  }

  #sizeOf(count: number): number {
    return count * sizeOf(this.#description.inputShape);
  }
}

/**
 * The examples' loss as an operation that has a gradient: softmax minus
 * one-hot. Its own value is not used; `report` gets the exact one.
 */
function lossOf(
  output: Tensor,
  labels: Uint8Array,
  report: (loss: BatchLoss) => void,
): Scalar {
  const tf = tensorflow();
  const loss = tf.customGrad((logits) => {
    const { shape } = logits as Tensor;
    const values = (logits as Tensor).dataSync<'float32'>();
    const gradient = new Float32Array(values.length);
    report(crossEntropy(values, labels, shape[1] ?? 0, gradient));
    return {
      value: tf.scalar(0),
      gradFunc: () => tf.tensor(gradient, shape, 'float32'),
    };
  });
  return loss(output);
}

/** TensorFlow.js says which operation a backend lacks; we say what to turn. */
function missingKernel(error: unknown): unknown {
  const message = error instanceof Error ? error.message : '';
  const [, kernel, backend] =
    /Kernel '(\w+)' not registered for backend '(\w+)'/.exec(message) ?? [];
  if (kernel === undefined) return error;
  return new MusterError(
    'ERR_BACKEND',
    `backend ${backend ?? ''} has no operation ${kernel}, which this network's ` +
      'gradient needs; use --backend tensorflow',
    { cause: error },
  );
}
