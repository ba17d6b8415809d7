/** Plain gradient descent, as `tf.train.sgd` computes it. */
import type { UpdateRule } from './optimizer.js';

/**
 * Creates the rule; it has no state. For each element, every operation rounded
 * to float32, `lr = f32(learningRate)`:
 *
 *     g = sum / count
 *     w = w - (lr * g)
 */
export function sgd(): UpdateRule {
  const { fround } = Math;
  return {
    slots: [],
    run({ parameters, gradientSum, count, learningRate }) {
      const rate = fround(learningRate);
      const divisor = fround(count);
      const { length } = parameters;
      for (let i = 0; i < length; i++) {
        const g = fround((gradientSum[i] as number) / divisor);
        parameters[i] = fround((parameters[i] as number) - fround(rate * g));
      }
    },
  };
}
