/**
 * The native kernels have the bits of the WebAssembly, whatever the numbers:
 * ties, denormals, infinities and NaNs; and refuse arrays that do not fit.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ConvolutionPlan } from './match-network.js';
import { NativeConvolution } from './native-convolution.js';
import { loadAddon, type ConvolutionKernels } from './native-kernels.js';
import type { PooledConvolution } from './pooled-convolution.js';
import { WasmConvolution } from './wasm-convolution.js';

/** By width of vectors, those that this processor has. */
const variants = Object.entries(loadAddon() ?? {}).filter(([name]) =>
  name.startsWith('avx'),
) as [string, ConvolutionKernels][];

/** Any float32 by its bits, denormals, infinities and NaNs among them. */
const bits = fc.oneof(
  fc.integer({ min: 0, max: 0xffff_ffff }),
  fc.constantFrom(
    ...[0, 0x8000_0000, 1, 0x8000_0001, 0x007f_ffff, 0x0080_0000],
    ...[0x7f80_0000, 0xff80_0000, 0x7fc0_0000, 0x3f80_0000, 0xbf80_0000],
  ),
);
const ordinary = fc
  .float({ min: -2, max: 2, noNaN: true })
  .map((value) => new Uint32Array(Float32Array.of(value).buffer)[0] as number);

const cases = fc.record({
  // 3 and 4 images, so that a smaller batch follows a larger one
  counts: fc.shuffledSubarray([1, 3, 4], { minLength: 2 }),
  rows: fc.integer({ min: 4, max: 11 }),
  columns: fc.integer({ min: 4, max: 11 }),
  // whole and partial blocks of 8 and of 16
  filters: fc.constantFrom(4, 8, 12, 16, 20, 24, 28, 32, 36),
  pixels: fc.array(fc.oneof(fc.constant(0), fc.nat({ max: 255 })), {
    ...{ minLength: 13, maxLength: 13 },
  }),
  // few values: equal filters and pixels make ties
  values: fc.oneof(
    fc.array(ordinary, { minLength: 2, maxLength: 17 }),
    fc.array(fc.oneof(ordinary, bits), { minLength: 17, maxLength: 17 }),
  ),
  seed: fc.integer(),
});

/** `length` of the values, in an order that the seed makes. */
function repeat(values: readonly number[], length: number, seed: number) {
  return Array.from(
    { length },
    (_, i) =>
      values[(Math.imul(i + 1, seed | 1) >>> 3) % values.length] as number,
  );
}

const floats = (words: readonly number[]): Float32Array =>
  new Float32Array(Uint32Array.from(words).buffer);

/** Bits, with every NaN the same: its payload is left to the processor. */
function textOf(vector: Float32Array): string {
  const plain = vector.map((value) => (Number.isNaN(value) ? NaN : value));
  return Buffer.from(plain.buffer).toString('hex');
}

const missing =
  variants.length > 0 ? '' : ' (skipped: set-up compiled no kernels)';

describe.skipIf(missing !== '')(`the native convolution${missing}`, () => {
  it.each(variants)('has the bits of the WebAssembly: %s', (_, kernels) => {
    fc.assert(
      fc.property(cases, (given) => {
        const { counts, rows, columns, filters, seed } = given;
        const plan: ConvolutionPlan = {
          ...{ rows, columns, channels: 1, kernelRows: 3, kernelColumns: 3 },
          ...{ filters, kernelOffset: 2, biasOffset: 3 + 9 * filters },
        };
        const length = 3 + 10 * filters;
        const parameters = floats(repeat(given.values, length, seed));
        const run = (convolution: PooledConvolution): string[] => {
          convolution.setParameters(parameters);
          return counts.flatMap((count) => {
            const { image, outputs } = convolution.sizes;
            const images = Uint8Array.from(
              repeat(given.pixels, count * image, seed),
            );
            const pooled = convolution.forward({ images, count }).slice();
            const into = new Float32Array(length).fill(7);
            const slopes = repeat(given.values, count * outputs, seed + 2);
            convolution.backward(floats(slopes), into);
            return [textOf(pooled), textOf(into)];
          });
        };
        expect(run(new NativeConvolution(plan, kernels))).toEqual(
          run(new WasmConvolution(plan)),
        );
      }),
      { numRuns: 200, seed: 1 },
    );
  });

  it.each(variants)('refuses arrays that do not fit: %s', (_, kernels) => {
    const [pixels, phases] = [new Uint8Array(16), new Uint8Array(4)];
    const [scaled, pooled] = [new Float32Array(32), new Float32Array(4)];
    const [kernel, bias] = [new Float32Array(36), new Float32Array(4)];
    const forward = (rows: number, last: Uint8Array): void => {
      kernels.forward(
        ...([1, rows, 4, 1, pixels, kernel, bias] as const),
        ...([scaled, pooled, last] as const),
      );
    };
    expect(() => forward(4, phases)).not.toThrow();
    expect(() => forward(5, phases)).toThrow(
      'native kernel forward, argument 5: expected uint8 [20], got [16]',
    );
    expect(() => forward(4, phases.subarray(1))).toThrow(
      'argument 10: expected uint8 [4], got [3]',
    );
    expect(() => forward(3, phases)).toThrow(
      'argument 2: expected a whole number in range',
    );
    expect(() => forward(4, pooled as unknown as Uint8Array)).toThrow(
      'argument 10: expected a typed array of uint8',
    );
    const gradient = pooled.subarray(1);
    expect(() => {
      kernels.backward(
        ...([1, 4, 4, 1, scaled, gradient, phases, kernel, bias] as const),
      );
    }).toThrow(
      'native kernel backward, argument 6: expected float32 [4], got [3]',
    );
  });
});
