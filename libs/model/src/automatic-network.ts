/** Any network that can be built, differentiated by TensorFlow.js. */
import type { RandomStream } from '@muster/data';
import { MusterError } from '@muster/protocol';
import type { LayersModel, Scalar, Tensor } from '@tensorflow/tfjs';
import type { Network } from './build-network.js';
import { crossEntropy, type BatchLoss } from './cross-entropy.js';
import type { ModelDescription } from './describe-model.js';
import { DeviceParameters } from './device-parameters.js';
import type {
  Batch,
  DifferentiableNetwork,
  GradientBatch,
} from './differentiable-network.js';
import { keyDropout } from './keyed-dropout.js';
import { takeLogits } from './logits.js';
import { poolByPhases } from './phase-pooling.js';
import { unfuseConvolution } from './plain-convolution.js';
import { sizeOf } from './size-of.js';
import { plainLayers } from './supported-layers.js';
import { tensorflow } from './tensorflow.js';

/** Pixels 0 ... 255 as float32 in 0 ... 1. */
const SCALED = Float32Array.from({ length: 256 }, (_, pixel) => pixel / 255);

/** See {@link DifferentiableNetwork}. */
export class AutomaticNetwork implements DifferentiableNetwork {
  readonly #inputShape: readonly number[];
  readonly #model: LayersModel;
  readonly #parameters: DeviceParameters;
  /** Of the gradient that is being computed. */
  #random: RandomStream | undefined;

  /** @param network owned from now on; its layers are changed. */
  constructor(
    { model, weights }: Network,
    { inputShape, layout }: ModelDescription,
  ) {
    this.#inputShape = inputShape;
    this.#model = model;
    this.#parameters = new DeviceParameters(weights, layout);
    takeLogits(model);
    for (const layer of plainLayers(model)) this.#specialize(layer);
  }

  gradient(batch: GradientBatch): BatchLoss {
    const { images, labels, into, random, count } = batch;
    this.#parameters.upload(batch);
    this.#random = random;
    const tf = tensorflow();
    let batchLoss: BatchLoss = { count, lossSum: 0, correct: 0 };
    const report = (loss: BatchLoss): void => {
      batchLoss = loss;
    };
    try {
      // Nothing is returned: tidy walks what is, element by element.
      tf.tidy(() => {
        const pictures = this.#imageTensor(images, count);
        const { grads } = tf.variableGrads(
          () => lossOf(this.#apply(pictures, true), labels, report),
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

  logits(batch: Batch, into: Float32Array): void {
    this.#parameters.upload(batch);
    tensorflow().tidy(() => {
      const pictures = this.#imageTensor(batch.images, batch.count);
      const output = this.#apply(pictures, false);
      into.set(output.dataSync<'float32'>());
    });
  }

  dispose(): void {
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

  #imageTensor(images: Uint8Array, count: number): Tensor {
    const scaled = new Float32Array(count * sizeOf(this.#inputShape));
    for (let i = 0; i < scaled.length; i += 1) {
      scaled[i] = SCALED[images[i] ?? 0] ?? 0;
    }
    const shape = [count, ...this.#inputShape];
    return tensorflow().tensor(scaled, shape, 'float32');
  }

  #apply(images: Tensor, training: boolean): Tensor {
    return this.#model.apply(images, { training }) as Tensor;
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
