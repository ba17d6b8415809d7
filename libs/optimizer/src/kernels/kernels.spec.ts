/**
 * All versions of the kernels have the same bits, whatever the numbers; and
 * the conversions are right where somebody else can say what is right.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { javascriptKernels } from './javascript-kernels.js';
import type { Kernels } from './kernels.js';
import { createNativeKernels } from './native-kernels.js';
import { createWasmKernels } from './wasm-kernels.js';

const wasmKernels = createWasmKernels();
/** Where set-up had a compiler. */
const nativeKernels = createNativeKernels(wasmKernels);

/** Any float32 by its bits: denormals, infinities and NaNs are all frequent. */
const special = fc.constantFrom(
  ...[0, 0x8000_0000, 1, 0x8000_0001, 0x007f_ffff, 0x0080_0000, 0x7f7f_ffff],
  ...[0x7f80_0000, 0xff80_0000, 0x7fc0_0000, 0xffc0_1234, 0x3f80_0000],
);
const bits = fc.oneof(fc.integer({ min: 0, max: 0xffff_ffff }), special);
/** Numbers of the size of gradients and parameters. */
const ordinary = fc
  .float({ min: -4, max: 4, noNaN: true })
  .map((value) => new Uint32Array(Float32Array.of(value).buffer)[0] as number);

/** `count` vectors of one length, as bits; lengths cross the blocks' ends. */
const vectors = (count: number) =>
  fc
    .record({
      length: fc.oneof(
        fc.integer({ min: 0, max: 40 }),
        fc.constantFrom(8191, 8192, 8193, 16_400),
      ),
      values: fc.array(fc.oneof(ordinary, bits), {
        minLength: 16,
        maxLength: 16,
      }),
      seed: fc.integer(),
    })
    .map(({ length, values, seed }) =>
      Array.from({ length: count }, (_, v) =>
        Uint32Array.from(
          { length },
          (__, i) =>
            values[(Math.imul(i + v * 7 + 1, seed | 1) >>> 3) % 16] as number,
        ),
      ),
    );

const floats = (from: Uint32Array): Float32Array =>
  new Float32Array(from.slice().buffer);

/** Bits, with every NaN the same: its payload is left to the processor. */
const comparable = (vector: Float32Array): Uint32Array => {
  const copy = vector.slice();
  const words = new Uint32Array(copy.buffer);
  copy.forEach((value, i) => {
    if (Number.isNaN(value)) words[i] = 0x7fc0_0000;
  });
  return words;
};

/** Comparing texts is many times as fast as comparing arrays of numbers. */
const textOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView): string =>
  Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength).toString('hex');

type Change = (kernels: Kernels, vectors: Float32Array[]) => void;

/** Runs `change` with a version and in JavaScript, and compares all vectors. */
function expectSameBits(
  version: Kernels,
  given: readonly Uint32Array[],
  change: Change,
): void {
  const [expected, got] = [javascriptKernels, version].map((kernels) => {
    const copies = given.map(floats);
    change(kernels, copies);
    return copies.map(comparable);
  });
  expect(got?.map(textOf)).toEqual(expected?.map(textOf));
}

/** Powers of two take another way than other counts. */
const counts = fc.constantFrom(1, 2, 3, 7, 96, 128, 256, 2 ** 24, 60_000);
const float32 = fc
  .float({ min: Math.fround(1e-8), max: 1, noNaN: true })
  .map(Math.fround);

const rounds = { numRuns: 150, seed: 1 };

/** Without a compiler there are no native ones to test. */
const missing =
  nativeKernels === undefined ? ' (skipped: set-up compiled none)' : '';
const [tested, skipped] = [it, it.skip];

describe.each([
  ['WASM', wasmKernels],
  ['native', nativeKernels],
] as const)('%s and JavaScript', (_, found) => {
  const version = found ?? wasmKernels;
  const it = found === undefined ? skipped : tested;
  const expectSame = (given: readonly Uint32Array[], change: Change): void => {
    expectSameBits(version, given, change);
  };

  it('add the same', () => {
    fc.assert(
      fc.property(vectors(2), (given) => {
        expectSame(given, (k, [a, b]) => k.addInto(a!, b!));
      }),
      rounds,
    );
  });

  it('have the same norm', () => {
    fc.assert(
      fc.property(vectors(1), ([given]) => {
        const vector = floats(given!);
        expect(version.squaredNorm(vector)).toBe(
          javascriptKernels.squaredNorm(vector),
        );
      }),
      rounds,
    );
  });

  it('step the same with Adam', () => {
    const scalars = fc.record({
      beta1: float32,
      complement1: float32,
      beta2: float32,
      complement2: float32,
      rate: float32,
      epsilon: float32,
    });
    fc.assert(
      fc.property(vectors(4), counts, scalars, (given, count, s) => {
        expectSame(given, (k, [w, m, v, gradientSum]) => {
          k.adam([w!, m!, v!], { gradientSum: gradientSum!, count }, s);
        });
      }),
      rounds,
    );
  });

  it('step the same with gradient descent', () => {
    fc.assert(
      fc.property(vectors(2), counts, float32, (given, count, rate) => {
        expectSame(given, (k, [w, gradientSum]) => {
          k.sgd(w!, { gradientSum: gradientSum!, count }, rate);
        });
      }),
      rounds,
    );
  });

  it.each(['momentum', 'nesterov'] as const)(
    'step the same with %s',
    (rule) => {
      const scalars = fc.record({ mu: float32, rate: float32 });
      fc.assert(
        fc.property(vectors(3), counts, scalars, (given, count, s) => {
          expectSame(given, (k, [w, velocity, gradientSum]) => {
            k[rule]([w!, velocity!], { gradientSum: gradientSum!, count }, s);
          });
        }),
        rounds,
      );
    },
  );

  it('do the same in place, on vectors that were made together', () => {
    // One below, at and above what gets a memory of its own; then blocks.
    const lengths = fc.constantFrom(16_383, 16_384, 16_389, 30_001);
    const scalars = fc.record({ mu: float32, rate: float32 });
    fc.assert(
      fc.property(lengths, counts, scalars, (length, count, s) => {
        const results = [javascriptKernels, version].map((k) => {
          const made = k.allocate(length, 3) as [
            Float32Array,
            Float32Array,
            Float32Array,
          ];
          made.forEach((vector, v) => {
            vector.forEach((_, i) => (vector[i] = Math.sin(i + v)));
          });
          const [w, velocity, gradientSum] = made;
          k.addInto(w, velocity);
          k.momentum([w, velocity], { gradientSum, count }, s);
          // parts of them, and one from elsewhere
          k.addInto(w.subarray(5), velocity.subarray(5));
          k.addInto(gradientSum, w.slice());
          return made.map(textOf);
        });
        expect(results[1]).toEqual(results[0]);
      }),
      { numRuns: 12, seed: 1 },
    );
  });

  it('round and convert the same', () => {
    fc.assert(
      fc.property(vectors(1), (given) => {
        expectSame(given, (k, [a]) => k.roundToBfloat16(a!));
        const results = [javascriptKernels, version].map((k) => {
          const vector = floats(given[0]!);
          const [brain, half] = [0, 0].map(
            () => new Uint16Array(vector.length),
          ) as [Uint16Array, Uint16Array];
          k.encodeBfloat16(vector, brain);
          k.encodeFloat16(vector, half);
          return [brain, half].map(textOf);
        });
        expect(results[1]).toEqual(results[0]);
      }),
      rounds,
    );
  });
});

/** All 65,536 numbers of 16 bits. */
const ALL_HALVES = Uint16Array.from({ length: 65_536 }, (_, i) => i);

describe.each([javascriptKernels, wasmKernels])('$name', (kernels) => {
  const decoded = (name: 'decodeBfloat16' | 'decodeFloat16') => {
    const into = new Float32Array(ALL_HALVES.length);
    kernels[name](ALL_HALVES, into);
    return into;
  };

  it('reads a bfloat16 as the upper half of a float32', () => {
    const expected = Uint32Array.from(ALL_HALVES, (half) => half << 16);
    expect(textOf(comparable(decoded('decodeBfloat16')))).toBe(
      textOf(comparable(new Float32Array(expected.buffer))),
    );
  });

  it('reads a float16 as IEEE 754 defines it', () => {
    // (-1)^s 2^(e-15) (1 + f/1024); e = 0: 2^-14 f/1024; e = 31: infinity, NaN
    const expected = Float32Array.from(ALL_HALVES, (half) => {
      const sign = half >> 15 === 1 ? -1 : 1;
      const [exponent, fraction] = [(half >> 10) & 31, half & 1023];
      if (exponent === 31) return fraction > 0 ? NaN : sign * Infinity;
      return exponent === 0
        ? sign * fraction * 2 ** -24
        : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
    });
    expect(textOf(comparable(decoded('decodeFloat16')))).toBe(
      textOf(comparable(expected)),
    );
  });

  it.each([
    ['encodeBfloat16', 'decodeBfloat16'],
    ['encodeFloat16', 'decodeFloat16'],
  ] as const)('%s: each number of 16 bits is itself', (encode, decode) => {
    const numbers = decoded(decode);
    const halves = new Uint16Array(numbers.length);
    kernels[encode](numbers, halves);
    const wrong = halves.findIndex(
      (half, i) => !Number.isNaN(numbers[i]) && half !== i,
    );
    expect(wrong).toBe(-1);
  });

  it.each([
    ['encodeBfloat16', 'decodeBfloat16', 0x7f7f],
    ['encodeFloat16', 'decodeFloat16', 0x7bff],
  ] as const)(
    '%s: what lies between two goes to the nearer, halfway to the even one',
    (encode, decode, greatest) => {
      const numbers = decoded(decode).subarray(0, greatest + 1);
      const between = [1 / 4, 1 / 2, 3 / 4].map((part) =>
        Float32Array.from(
          numbers.subarray(0, -1),
          (below, i) => below + part * ((numbers[i + 1] as number) - below),
        ),
      );
      between.forEach((values, part) => {
        const halves = new Uint16Array(values.length);
        kernels[encode](values, halves);
        const wrong = halves.findIndex((half, i) => {
          // Beside the smallest ones float32 has nothing in between.
          if (values[i] === numbers[i]) return half !== i;
          if (values[i] === numbers[i + 1]) return half !== i + 1;
          const isLower = part === 0 || (part === 1 && i % 2 === 0);
          return half !== (isLower ? i : i + 1);
        });
        expect(wrong).toBe(-1);
      });
    },
  );

  it('goes beyond the greatest float16 to infinity, and keeps NaN', () => {
    // Halfway between 65504 and 65536 is 65520: ties to even, up.
    const values = Float32Array.of(65_519, 65_520, -1e9, Infinity, NaN);
    const halves = new Uint16Array(values.length);
    kernels.encodeFloat16(values, halves);
    expect([...halves.subarray(0, 4)]).toEqual([
      0x7bff, 0x7c00, 0xfc00, 0x7c00,
    ]);
    expect((halves[4] as number) & 0x7fff).toBeGreaterThan(0x7c00);
  });
});

describe.skipIf(missing !== '')(`the native kernels${missing}`, () => {
  const native = nativeKernels!;
  const [short, long] = [new Float32Array(4), new Float32Array(5)];
  const s = { mu: 0.5, rate: 0.5 };

  it('refuse arrays of different lengths, and change nothing', () => {
    short.fill(1);
    expect(() => native.addInto(short, long)).toThrow(
      'native kernel addInto, argument 2: expected float32 [4], got [5]',
    );
    const gradient = { gradientSum: long, count: 1 };
    expect(() => native.momentum([short, short], gradient, s)).toThrow(
      'native kernel momentum, argument 5: expected float32 [4], got [5]',
    );
    expect([...short]).toEqual([1, 1, 1, 1]);
  });

  it('refuse what is no vector, and a count out of range', () => {
    const halves = new Uint16Array(4) as unknown as Float32Array;
    expect(() => native.squaredNorm(halves)).toThrow(
      'argument 1: expected a typed array of float32',
    );
    const gradient = { gradientSum: short, count: 0 };
    expect(() => native.sgd(short, gradient, 1)).toThrow(
      'native kernel sgd, argument 4: expected a whole number in range',
    );
  });
});
