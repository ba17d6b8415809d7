/**
 * The kernels in plain JavaScript: the reference of the WASM ones, and what
 * runs where WebAssembly is switched off.
 */
import type { AdamScalars, GradientSum, Kernels } from './kernels.js';
import * as half from './javascript-half-precision.js';

const { fround } = Math;
// Two short loops over a block that stays in the first-level cache are faster
// than one loop that does both (5.9 against 7.3 ms for 607,394 elements).
const BLOCK = 1024;

type Three = readonly [Float32Array, Float32Array, Float32Array];
type Two = readonly [Float32Array, Float32Array];

/** `g = sum / count`, then each rule as its own module says. */
export const javascriptKernels: Kernels = {
  name: 'javascript',
  allocate: (length, count) =>
    Array.from({ length: count }, () => new Float32Array(length)),
  addInto,
  squaredNorm,
  adam([w, m, v]: Three, { gradientSum, count }: GradientSum, scalars) {
    for (let begin = 0; begin < w.length; begin += BLOCK) {
      const end = Math.min(begin + BLOCK, w.length);
      updateMoments({ m, v, gradientSum, count }, scalars, begin, end);
      for (let i = begin; i < end; i++) {
        const root = fround(Math.sqrt(v[i] as number));
        const update = fround(
          fround(scalars.rate * (m[i] as number)) /
            fround(root + scalars.epsilon),
        );
        w[i] = fround((w[i] as number) - update);
      }
    }
  },
  sgd(w, { gradientSum, count }, rate) {
    for (let i = 0; i < w.length; i++) {
      const g = fround((gradientSum[i] as number) / count);
      w[i] = fround((w[i] as number) - fround(rate * g));
    }
  },
  momentum([w, velocity]: Two, { gradientSum, count }, { mu, rate }) {
    for (let i = 0; i < w.length; i++) {
      const g = fround((gradientSum[i] as number) / count);
      const next = fround(fround(mu * (velocity[i] as number)) + g);
      velocity[i] = next;
      w[i] = fround((w[i] as number) - fround(rate * next));
    }
  },
  nesterov([w, velocity]: Two, { gradientSum, count }, { mu, rate }) {
    for (let i = 0; i < w.length; i++) {
      const g = fround((gradientSum[i] as number) / count);
      const next = fround(fround(mu * (velocity[i] as number)) + g);
      velocity[i] = next;
      const ahead = fround(g + fround(mu * next));
      w[i] = fround((w[i] as number) - fround(rate * ahead));
    }
  },
  ...half,
};

function addInto(target: Float32Array, source: Float32Array): void {
  const { length } = target;
  // Four at a time: 0.65 instead of 1.05 ms for 607,394 elements.
  const whole = length - (length % 4);
  for (let i = 0; i < whole; i += 4) {
    target[i] = fround((target[i] as number) + (source[i] as number));
    target[i + 1] = fround(
      (target[i + 1] as number) + (source[i + 1] as number),
    );
    target[i + 2] = fround(
      (target[i + 2] as number) + (source[i + 2] as number),
    );
    target[i + 3] = fround(
      (target[i + 3] as number) + (source[i + 3] as number),
    );
  }
  for (let i = whole; i < length; i++) {
    target[i] = fround((target[i] as number) + (source[i] as number));
  }
}

function squaredNorm(vector: Float32Array): number {
  const { length } = vector;
  const whole = length - (length % 4);
  let lane0 = 0;
  let lane1 = 0;
  let lane2 = 0;
  let lane3 = 0;
  for (let i = 0; i < whole; i += 4) {
    const a = vector[i] as number;
    const b = vector[i + 1] as number;
    const c = vector[i + 2] as number;
    const d = vector[i + 3] as number;
    lane0 += a * a;
    lane1 += b * b;
    lane2 += c * c;
    lane3 += d * d;
  }
  // At most three are left; a missing one adds the square of 0.
  const a = vector[whole] ?? 0;
  const b = vector[whole + 1] ?? 0;
  const c = vector[whole + 2] ?? 0;
  lane0 += a * a;
  lane1 += b * b;
  lane2 += c * c;
  return lane0 + lane1 + (lane2 + lane3);
}

interface Moments extends GradientSum {
  readonly m: Float32Array;
  readonly v: Float32Array;
}

function updateMoments(
  { m, v, gradientSum, count }: Moments,
  { beta1, complement1, beta2, complement2 }: AdamScalars,
  begin: number,
  end: number,
): void {
  for (let i = begin; i < end; i++) {
    const g = fround((gradientSum[i] as number) / count);
    m[i] = fround(fround(beta1 * (m[i] as number)) + fround(complement1 * g));
    v[i] = fround(
      fround(beta2 * (v[i] as number)) + fround(complement2 * fround(g * g)),
    );
  }
}
