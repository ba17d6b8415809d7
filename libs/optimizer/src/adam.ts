/** Adam: Kingma and Ba 2015, algorithm 1, as `tf.train.adam` computes it. */
import { kernels } from './kernels/index.js';
import type { AdamScalars } from './kernels/kernels.js';
import type { UpdateRule } from './optimizer.js';
import { power } from './power.js';

/** Adam's constants; each is described at `OptimizerConfig`. */
export interface AdamConstants {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
}

/**
 * Creates Adam's rule, with slots `m` and `v`. The textbook's
 * `w -= lr mHat / (sqrt(vHat) + eps)` has its bias corrections folded into two
 * scalars a step, in float64 and then rounded:
 *
 *     a    = lr * sqrt(1 - beta2^t) / (1 - beta1^t)
 *     epsT = eps * sqrt(1 - beta2^t)
 *
 * and for each element, every operation rounded to float32, with
 * `b1 = f32(beta1)`, `c1 = f32(1 - beta1)`, and `b2`, `c2` likewise:
 *
 *     g = sum / count
 *     m = (b1 * m) + (c1 * g)
 *     v = (b2 * v) + (c2 * (g * g))
 *     w = w - ((a * m) / (sqrt(v) + epsT))
 */
export function adam(constants: AdamConstants): UpdateRule {
  return {
    slots: ['m', 'v'],
    run({ parameters, gradientSum, count, step, learningRate }, slots) {
      const [m, v] = slots as [Float32Array, Float32Array];
      const scalars = scalarsOf(constants, step, learningRate);
      kernels.adam([parameters, m, v], { gradientSum, count }, scalars);
    },
  };
}

/** Each in float64, and rounded to float32 at the end. */
function scalarsOf(
  { beta1, beta2, epsilon }: AdamConstants,
  step: number,
  learningRate: number,
): AdamScalars {
  const { fround, sqrt } = Math;
  const correction = sqrt(1 - power(beta2, step));
  return {
    beta1: fround(beta1),
    complement1: fround(1 - beta1),
    beta2: fround(beta2),
    complement2: fround(1 - beta2),
    rate: fround((learningRate * correction) / (1 - power(beta1, step))),
    epsilon: fround(epsilon * correction),
  };
}
