/** Gradient descent with Nesterov's momentum. */
import type { UpdateRule } from './optimizer.js';

/**
 * Creates the rule with slot `velocity`, in the form that PyTorch's SGD and
 * DiLoCo use (Sutskever et al. 2013, section 2, with the velocity looked ahead).
 * For each element, every operation rounded to float32,
 * `mu = f32(momentum)`, `lr = f32(learningRate)`:
 *
 *     g = sum / count
 *     velocity = (mu * velocity) + g
 *     w = w - (lr * (g + (mu * velocity)))
 */
export function nesterov(coefficient: number): UpdateRule {
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
        const ahead = fround(g + fround(mu * vi));
        parameters[i] = fround(
          (parameters[i] as number) - fround(rate * ahead),
        );
      }
    },
  };
}
