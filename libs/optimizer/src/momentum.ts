/** Gradient descent with momentum, as `tf.train.momentum` computes it. */
import { kernels } from './kernels/index.js';
import type { UpdateRule } from './optimizer.js';

/**
 * Creates the rule with slot `velocity` (Polyak 1964; the learning rate stands
 * outside the velocity, so that a change of it takes effect at once). For each
 * element, every operation rounded to float32, `mu = f32(momentum)`,
 * `lr = f32(learningRate)`:
 *
 *     g = sum / count
 *     velocity = (mu * velocity) + g
 *     w = w - (lr * velocity)
 */
export function momentum(coefficient: number): UpdateRule {
  const mu = Math.fround(coefficient);
  return {
    slots: ['velocity'],
    run({ parameters, gradientSum, count, learningRate }, slots) {
      const [velocity] = slots as [Float32Array];
      const rate = Math.fround(learningRate);
      const gradient = { gradientSum, count };
      kernels.momentum([parameters, velocity], gradient, { mu, rate });
    },
  };
}
