/** Gradient descent with Nesterov's momentum. */
import { kernels } from './kernels/index.js';
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
  const mu = Math.fround(coefficient);
  return {
    slots: ['velocity'],
    run({ parameters, gradientSum, count, learningRate }, slots) {
      const [velocity] = slots as [Float32Array];
      const rate = Math.fround(learningRate);
      const gradient = { gradientSum, count };
      kernels.nesterov([parameters, velocity], gradient, { mu, rate });
    },
  };
}
