/**
 * What a replica needs of a network: its logits and its gradient, computed by
 * hand (`pooled-convolution/pooled-network`) or by TensorFlow.js
 * (`automatic-network`).
 */
import type { RandomStream } from '@muster/data';
import type { BatchLoss } from './cross-entropy.js';
import type { ParametersInput } from './device-parameters.js';

/** Examples, and the parameters to compute at. */
export interface Batch extends ParametersInput {
  /** uint8 `[count, ...inputShape]`; scaled to 0 ... 1 there. */
  readonly images: Uint8Array;
  readonly count: number;
}

/** Examples to differentiate at. */
export interface GradientBatch extends Batch {
  /** uint8 `[count]`, each below the number of classes. */
  readonly labels: Uint8Array;
  /** Where dropout draws its masks from. */
  readonly random: RandomStream;
  /** float32 `[numParameters]`, overwritten; stays the caller's. */
  readonly into: Float32Array;
}

/** A network at whatever parameters it is given. Callers have checked lengths. */
export interface DifferentiableNetwork {
  /**
   * Writes the gradient of the sum of the losses to `into`.
   *
   * @returns the loss sum and the number of correct answers under the same
   *   dropout masks
   * @throws MusterError ERR_DATASET_MISMATCH for a label out of range
   * @throws MusterError ERR_BACKEND when the backend lacks an operation
   */
  gradient(batch: GradientBatch): BatchLoss;
  /** Writes float32 `[count, numClasses]` to `into`, without dropout. */
  logits(batch: Batch, into: Float32Array): void;
  /** Frees the tensors; of no use afterwards. */
  dispose(): void;
}
