/**
 * The kernels in WebAssembly with 128-bit SIMD. Vectors made by `allocate`
 * lie in a module's memory and are worked on in place. Any other vector stays
 * where it is, and goes through a small memory block by block, which stays in
 * the cache: about three times as long for an addition.
 */
import type {
  AdamScalars,
  GradientSum,
  Kernels,
  MomentumScalars,
} from './kernels.js';
import { BLOCK, blockAt, padded, WasmInstance } from './wasm-instance.js';

/** Shorter vectors are not worth a memory of their own. */
const MIN_LENGTH = 16_384;
/** The block of the mean gradient; those before it are what a rule changes. */
const GRADIENT = 3;

/** Where the vectors of one call are: addresses, by vector. */
interface Place {
  readonly at: WasmInstance;
  /** Undefined: it goes through its block. */
  readonly addresses: readonly (number | undefined)[];
}

/**
 * Compiles the module.
 *
 * @throws WebAssembly.CompileError where SIMD is not known.
 */
export function createWasmKernels(): Kernels {
  return new WasmKernels();
}

class WasmKernels implements Kernels {
  readonly name = 'wasm-simd';
  /** For vectors from anywhere. */
  readonly #common = new WasmInstance();
  /** Instances of `allocate`, by their memory. */
  readonly #instances = new WeakMap<ArrayBufferLike, WasmInstance>();

  allocate(length: number, count: number): Float32Array[] {
    if (length < MIN_LENGTH) {
      return Array.from({ length: count }, () => new Float32Array(length));
    }
    const instance = new WasmInstance(length, count);
    const { vectors } = instance;
    for (const { buffer } of vectors) this.#instances.set(buffer, instance);
    return [...vectors];
  }

  addInto(target: Float32Array, source: Float32Array): void {
    const place = this.#placeOf(target, source);
    forEachBlock(target.length, (begin, size) => {
      const [to, from] = this.#bring(place, [target, source], begin, size);
      place.at.wasm.add(to as number, from as number, padded(size));
      this.#takeBack(place, [target], begin, size);
    });
  }

  squaredNorm(vector: Float32Array): number {
    const { wasm } = this.#common;
    wasm.beginNorm();
    forEachBlock(vector.length, (begin, size) => {
      this.#common.load(0, vector, begin, size);
      this.#common.zeroRest(0, size);
      wasm.addSquares(blockAt(0), padded(size));
    });
    return wasm.endNorm();
  }

  adam(
    vectors: readonly Float32Array[],
    gradient: GradientSum,
    s: AdamScalars,
  ): void {
    this.#update(vectors, gradient, (at, addresses, size) => {
      at.wasm.adam(
        ...addresses,
        ...[size, s.beta1, s.complement1, s.beta2, s.complement2],
        ...[s.rate, s.epsilon],
      );
    });
  }

  sgd(w: Float32Array, gradient: GradientSum, rate: number): void {
    this.#update([w], gradient, (at, addresses, size) => {
      at.wasm.sgd(...addresses, size, rate);
    });
  }

  momentum(
    vectors: readonly Float32Array[],
    gradient: GradientSum,
    { mu, rate }: MomentumScalars,
  ): void {
    this.#update(vectors, gradient, (at, addresses, size) => {
      at.wasm.momentum(...addresses, size, mu, rate);
    });
  }

  nesterov(
    vectors: readonly Float32Array[],
    gradient: GradientSum,
    { mu, rate }: MomentumScalars,
  ): void {
    this.#update(vectors, gradient, (at, addresses, size) => {
      at.wasm.nesterov(...addresses, size, mu, rate);
    });
  }

  roundToBfloat16(vector: Float32Array): void {
    forEachBlock(vector.length, (begin, size) => {
      this.#common.load(0, vector, begin, size);
      this.#common.wasm.roundToBfloat16(blockAt(0), padded(size));
      this.#common.store(0, vector, begin, size);
    });
  }

  encodeBfloat16(from: Float32Array, to: Uint16Array): void {
    this.#encode(from, to, 'encodeBfloat16');
  }

  decodeBfloat16(from: Uint16Array, to: Float32Array): void {
    this.#decode(from, to, 'decodeBfloat16');
  }

  encodeFloat16(from: Float32Array, to: Uint16Array): void {
    this.#encode(from, to, 'encodeFloat16');
  }

  decodeFloat16(from: Uint16Array, to: Float32Array): void {
    this.#decode(from, to, 'decodeFloat16');
  }

  /** Runs a rule over `changed`, with the mean gradient after them. */
  #update(
    changed: readonly Float32Array[],
    { gradientSum, count }: GradientSum,
    run: (at: WasmInstance, addresses: readonly number[], size: number) => void,
  ): void {
    const place = this.#placeOf(...changed);
    const { at } = place;
    forEachBlock(gradientSum.length, (begin, size) => {
      const addresses = this.#bring(place, changed, begin, size);
      at.load(GRADIENT, gradientSum, begin, size);
      toMean(at, padded(size), count);
      run(at, [...addresses, blockAt(GRADIENT)], padded(size));
      this.#takeBack(place, changed, begin, size);
    });
  }

  #encode(
    from: Float32Array,
    to: Uint16Array,
    kernel: 'encodeBfloat16' | 'encodeFloat16',
  ): void {
    forEachBlock(from.length, (begin, size) => {
      this.#common.load(0, from, begin, size);
      this.#common.wasm[kernel](blockAt(0), blockAt(1), padded(size));
      this.#common.storeHalves(to, begin, size);
    });
  }

  #decode(
    from: Uint16Array,
    to: Float32Array,
    kernel: 'decodeBfloat16' | 'decodeFloat16',
  ): void {
    forEachBlock(to.length, (begin, size) => {
      this.#common.loadHalves(from, begin, size);
      this.#common.wasm[kernel](blockAt(1), blockAt(0), padded(size));
      this.#common.store(0, to, begin, size);
    });
  }

  /** The instance of the first vector decides. */
  #placeOf(...vectors: readonly Float32Array[]): Place {
    const buffer = vectors[0]?.buffer;
    const at =
      (buffer === undefined ? undefined : this.#instances.get(buffer)) ??
      this.#common;
    const addresses = vectors.map((vector) =>
      vector.buffer === buffer ? at.addressOf(vector) : undefined,
    );
    return { at, addresses };
  }

  /** Loads what is elsewhere; gives the addresses of the vectors' parts. */
  #bring(
    { at, addresses }: Place,
    vectors: readonly Float32Array[],
    begin: number,
    size: number,
  ): number[] {
    return vectors.map((vector, i) => {
      const address = addresses[i];
      if (address !== undefined) return address + 4 * begin;
      at.load(i, vector, begin, size);
      return blockAt(i);
    });
  }

  #takeBack(
    { at, addresses }: Place,
    vectors: readonly Float32Array[],
    begin: number,
    size: number,
  ): void {
    vectors.forEach((vector, i) => {
      if (addresses[i] === undefined) at.store(i, vector, begin, size);
    });
  }
}

/**
 * Division is the dearest operation, and by a power of two the product with
 * its inverse is the same number, rounded once: the same bits.
 */
function toMean({ wasm }: WasmInstance, size: number, count: number): void {
  if (Number.isInteger(Math.log2(count))) {
    wasm.multiply(blockAt(GRADIENT), size, 1 / count);
  } else wasm.divide(blockAt(GRADIENT), size, count);
}

function forEachBlock(
  length: number,
  visit: (begin: number, size: number) => void,
): void {
  for (let begin = 0; begin < length; begin += BLOCK) {
    visit(begin, Math.min(BLOCK, length - begin));
  }
}
