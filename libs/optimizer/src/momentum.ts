/** Gradient descent with momentum, as `tf.train.momentum` computes it. */
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
  const { fround } = Math;
  const mu = fround(coefficient);
  return {
    slots: ['velocity'],
    run({ parameters, gradientSum, count, learningRate }, slots) {
      const [velocity] = slots as [Float32Array];
      const rate = fround(learningRate);
      const divisor = fround(count);
      const { length } = parameters;
      for (let i = 0; i < length; i++) {
        const g = fround((gradientSum[i] as number) / divisor);
        const vi = fround(fround(mu * (velocity[i] as number)) + g);
        velocity[i] = vi;
        parameters[i] = fround((parameters[i] as number) - fround(rate * vi));
      }
    },
  };
}
