/** Plain gradient descent, as `tf.train.sgd` computes it. */
import { kernels } from './kernels/index.js';
import type { UpdateRule } from './optimizer.js';

/**
 * Creates the rule; it has no state. For each element, every operation rounded
 * to float32, `lr = f32(learningRate)`:
 *
 *     g = sum / count
 *     w = w - (lr * g)
 */
export function sgd(): UpdateRule {
  return {
    slots: [],
    run({ parameters, gradientSum, count, learningRate }) {
      const rate = Math.fround(learningRate);
      kernels.sgd(parameters, { gradientSum, count }, rate);
    },
  };
}
