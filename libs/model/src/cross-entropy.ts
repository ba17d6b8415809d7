/**
 * Sparse categorical cross-entropy from logits, in float64 on the host. The
 * logits are small (10 numbers an example), and the same arithmetic on every
 * backend is worth more than the copy. `Math.exp` and `Math.log` are part of
 * V8 and the same code on every processor.
 */
import { MusterError } from '@muster/protocol';

/** What a batch's logits and labels come to. */
export interface BatchLoss {
  readonly count: number;
  /** Sum of the examples' losses in example order, in nats, float64. */
  readonly lossSum: number;
  /** Examples whose label has the greatest logit; of equal ones the first. */
  readonly correct: number;
}

/** Index of the first greatest element of `row` numbers from `begin`. */
function argmax(values: Float32Array, begin: number, length: number): number {
  let best = 0;
  for (let j = 1; j < length; j += 1) {
    if ((values[begin + j] ?? 0) > (values[begin + best] ?? 0)) best = j;
  }
  return best;
}

/**
 * Writes `softmax(logits)` of one row into `into`, at the same place, and
 * gives `log(sum(exp(logits)))`. Shifted by the maximum, so nothing overflows.
 */
function softmaxRow(
  logits: Float32Array,
  begin: number,
  length: number,
  into: Float32Array,
): number {
  const shift = logits[begin + argmax(logits, begin, length)] ?? 0;
  let sum = 0;
  for (let j = begin; j < begin + length; j += 1) {
    sum += Math.exp((logits[j] ?? 0) - shift);
  }
  for (let j = begin; j < begin + length; j += 1) {
    into[j] = Math.exp((logits[j] ?? 0) - shift) / sum;
  }
  return shift + Math.log(sum);
}

/** Probabilities float32 `[count, numClasses]` of logits of that shape. */
export function softmax(
  logits: Float32Array,
  numClasses: number,
): Float32Array {
  const probabilities = new Float32Array(logits.length);
  for (let i = 0; i < logits.length; i += numClasses) {
    softmaxRow(logits, i, numClasses, probabilities);
  }
  return probabilities;
}

/**
 * Loss of `labels.length` examples: `log(sum(exp(logits))) - logits[label]`.
 *
 * @param probabilities float32 `[count, numClasses]`: receives
 *   `softmax(logits)`
 * @throws MusterError ERR_DATASET_MISMATCH for a label the network has no
 *   output for
 */
export function scoreLogits(
  logits: Float32Array,
  labels: Uint8Array,
  numClasses: number,
  probabilities: Float32Array,
): BatchLoss {
  const count = labels.length;
  let lossSum = 0;
  let correct = 0;
  for (let i = 0; i < count; i += 1) {
    const label = labels[i] ?? 0;
    if (label >= numClasses) {
      throw new MusterError(
        'ERR_DATASET_MISMATCH',
        `label of example ${i} is ${label}, the network has outputs for ` +
          `0 to ${numClasses - 1}; give the data it was built for with --data`,
      );
    }
    const begin = i * numClasses;
    const logSum = softmaxRow(logits, begin, numClasses, probabilities);
    lossSum += logSum - (logits[begin + label] ?? 0);
    if (argmax(logits, begin, numClasses) === label) correct += 1;
  }
  return { count, lossSum, correct };
}

/**
 * As {@link scoreLogits}, with the gradient of the sum of the losses by the
 * logits: softmax minus one-hot.
 *
 * @param gradient when given, float32 `[count, numClasses]`, overwritten
 * @throws MusterError as {@link scoreLogits}
 */
export function crossEntropy(
  logits: Float32Array,
  labels: Uint8Array,
  numClasses: number,
  gradient: Float32Array = new Float32Array(logits.length),
): BatchLoss {
  const loss = scoreLogits(logits, labels, numClasses, gradient);
  for (let i = 0; i < labels.length; i += 1) {
    const at = i * numClasses + (labels[i] ?? 0);
    gradient[at] = (gradient[at] ?? 0) - 1;
  }
  return loss;
}
