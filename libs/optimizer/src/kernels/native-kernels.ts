/**
 * The kernels of native/, an addon that set-up compiles where there is a
 * compiler. They work on vectors where they lie. Conversions to 16 bits are
 * those of the kernels that run otherwise.
 */
import { createRequire } from 'node:module';
import type { GradientSum, Kernels } from './kernels.js';

/**
 * What the addon has. It takes scalars first, then the vectors that a rule
 * changes, the sum and its count, and refuses by a RangeError what does not
 * fit.
 */
interface Addon {
  addInto(target: Float32Array, source: Float32Array): void;
  squaredNorm(vector: Float32Array): number;
  adam(
    beta1: number,
    complement1: number,
    beta2: number,
    complement2: number,
    rate: number,
    epsilon: number,
    ...vectorsAndCount: readonly (Float32Array | number)[]
  ): void;
  sgd(rate: number, ...vectorsAndCount: readonly unknown[]): void;
  momentum(
    mu: number,
    rate: number,
    ...vectorsAndCount: readonly unknown[]
  ): void;
  nesterov(
    mu: number,
    rate: number,
    ...vectorsAndCount: readonly unknown[]
  ): void;
}

const require = createRequire(import.meta.url);
/** From src/ and from dist/. */
const FILE = '../../native/dist/addon.node';

/**
 * Gives the native kernels, or nothing where set-up did not compile them, the
 * processor has no AVX2, or `MUSTER_KERNELS` is `wasm`.
 *
 * @param others - for what the addon has not.
 */
export function createNativeKernels(others: Kernels): Kernels | undefined {
  const addon = loadAddon();
  return addon && kernelsOf(addon, others);
}

function loadAddon(): Addon | undefined {
  if (process.env['MUSTER_KERNELS'] === 'wasm') return undefined;
  try {
    return (require(FILE) as { avx2?: Addon }).avx2;
  } catch {
    return undefined;
  }
}

function kernelsOf(addon: Addon, others: Kernels): Kernels {
  const last = ({ gradientSum, count }: GradientSum) =>
    [gradientSum, count] as const;
  return {
    name: 'native',
    allocate: (length, count) => others.allocate(length, count),
    addInto: (target, source) => {
      addon.addInto(target, source);
    },
    squaredNorm: (vector) => addon.squaredNorm(vector),
    adam(vectors, gradient, s) {
      addon.adam(
        ...([s.beta1, s.complement1, s.beta2, s.complement2] as const),
        ...([s.rate, s.epsilon, ...vectors, ...last(gradient)] as const),
      );
    },
    sgd(w, gradient, rate) {
      addon.sgd(rate, w, ...last(gradient));
    },
    momentum(vectors, gradient, { mu, rate }) {
      addon.momentum(mu, rate, ...vectors, ...last(gradient));
    },
    nesterov(vectors, gradient, { mu, rate }) {
      addon.nesterov(mu, rate, ...vectors, ...last(gradient));
    },
    roundToBfloat16: (vector) => {
      others.roundToBfloat16(vector);
    },
    encodeBfloat16: (from, to) => {
      others.encodeBfloat16(from, to);
    },
    decodeBfloat16: (from, to) => {
      others.decodeBfloat16(from, to);
    },
    encodeFloat16: (from, to) => {
      others.encodeFloat16(from, to);
    },
    decodeFloat16: (from, to) => {
      others.decodeFloat16(from, to);
    },
  };
}
