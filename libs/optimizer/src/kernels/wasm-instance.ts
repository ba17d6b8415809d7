/**
 * One instance of the WASM module: its memory holds vectors that belong
 * together, and blocks through which all other vectors pass.
 */
import { WASM_MODULE } from '../generated/wasm-module.js';

/** Elements of a block, a multiple of 8; four of them stay in the cache. */
export const BLOCK = 8192;

/** What the module exports; addresses and lengths are int32. */
export interface Exports {
  add(target: number, source: number, length: number): void;
  multiply(vector: number, length: number, factor: number): void;
  divide(vector: number, length: number, divisor: number): void;
  beginNorm(): void;
  addSquares(vector: number, length: number): void;
  endNorm(): number;
  adam(...args: readonly number[]): void;
  sgd(...args: readonly number[]): void;
  momentum(...args: readonly number[]): void;
  nesterov(...args: readonly number[]): void;
  roundToBfloat16(vector: number, length: number): void;
  encodeBfloat16(from: number, to: number, length: number): void;
  decodeBfloat16(from: number, to: number, length: number): void;
  encodeFloat16(from: number, to: number, length: number): void;
  decodeFloat16(from: number, to: number, length: number): void;
}

const NUM_BLOCKS = 4;
const BLOCK_BYTES = 4 * BLOCK;
const PAGE_BYTES = 65_536;
/** The lanes of the norm lie below the first block. */
const FIRST_BLOCK = 64;
const FIRST_VECTOR = FIRST_BLOCK + NUM_BLOCKS * BLOCK_BYTES;

/** Rounds up to what the module's loops go by. */
export const padded = (length: number): number => (length + 7) & ~7;

let compiled: WebAssembly.Module | undefined;

/** See the head of this file. */
export class WasmInstance {
  /** The module's loops; addresses and lengths are not checked there. */
  readonly wasm: Exports;
  /** [length] float32 zeros each; the kernels work on them in place. */
  readonly vectors: readonly Float32Array[];
  readonly #blocks: readonly Float32Array[];
  readonly #halves: Uint16Array;

  /**
   * The first one compiles the module, which takes some milliseconds.
   *
   * @throws WebAssembly.CompileError where SIMD is not known.
   */
  constructor(length = 0, count = 0) {
    compiled ??= new WebAssembly.Module(Buffer.from(WASM_MODULE, 'base64'));
    // 64 bytes more between two vectors, so that they do not share the
    // places of one set of the cache
    const bytes = 4 * padded(length) + 64 - ((4 * padded(length)) % 64) + 64;
    const initial = Math.ceil((FIRST_VECTOR + count * bytes) / PAGE_BYTES);
    const memory = new WebAssembly.Memory({ initial, maximum: initial });
    const instance = new WebAssembly.Instance(compiled, { env: { memory } });
    this.wasm = instance.exports as unknown as Exports;
    const { buffer } = memory;
    this.vectors = Array.from(
      { length: count },
      (_, i) => new Float32Array(buffer, FIRST_VECTOR + i * bytes, length),
    );
    this.#blocks = Array.from(
      { length: NUM_BLOCKS },
      (_, i) => new Float32Array(buffer, blockAt(i), BLOCK),
    );
    this.#halves = new Uint16Array(buffer, blockAt(1), BLOCK);
  }

  /** Where one of {@link vectors} lies, in bytes; nothing for another view. */
  addressOf(vector: Float32Array): number | undefined {
    const own = this.vectors.some(
      ({ byteOffset, length }) =>
        byteOffset === vector.byteOffset && length === vector.length,
    );
    return own ? vector.byteOffset : undefined;
  }

  /** Copies elements `[begin, begin + size)` into a block. */
  load(block: number, from: Float32Array, begin: number, size: number): void {
    this.#blocks[block]?.set(from.subarray(begin, begin + size));
  }

  /** Fills up a block with zeros, from `size` to what the loops go by. */
  zeroRest(block: number, size: number): void {
    this.#blocks[block]?.fill(0, size, padded(size));
  }

  /** Copies a block to elements `[begin, begin + size)`. */
  store(block: number, to: Float32Array, begin: number, size: number): void {
    const values = this.#blocks[block];
    if (values === undefined) return;
    to.set(size === BLOCK ? values : values.subarray(0, size), begin);
  }

  /** As {@link load}, [size] 16-bit numbers, into the second block. */
  loadHalves(from: Uint16Array, begin: number, size: number): void {
    this.#halves.set(from.subarray(begin, begin + size));
  }

  /** As {@link store}, [size] 16-bit numbers, from the second block. */
  storeHalves(to: Uint16Array, begin: number, size: number): void {
    to.set(this.#halves.subarray(0, size), begin);
  }
}

/** The address of a block. */
export function blockAt(block: number): number {
  return FIRST_BLOCK + block * BLOCK_BYTES;
}
