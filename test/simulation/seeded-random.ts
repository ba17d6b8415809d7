/**
 * Random numbers of one seed and one purpose: fast, and the same everywhere.
 */

/** The generator sfc32 (C. Doty-Humphrey, public domain). */
export class SeededRandom {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  /** @param purpose keeps the streams of one seed apart. */
  constructor(seed: number, purpose: number) {
    this.#a = seed >>> 0;
    this.#b = Math.imul(purpose + 1, 0x9e3779b1) >>> 0;
    this.#c = Math.floor(seed / 2 ** 32) >>> 0;
    for (let i = 0; i < 12; i++) this.uint32();
  }

  /** From 0 to 2^32 - 1. */
  uint32(): number {
    const sum = (this.#a + this.#b + this.#counter) >>> 0;
    this.#counter = (this.#counter + 1) >>> 0;
    this.#a = (this.#b ^ (this.#b >>> 9)) >>> 0;
    this.#b = (this.#c + (this.#c << 3)) >>> 0;
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) >>> 0;
    this.#c = (this.#c + sum) >>> 0;
    return sum;
  }

  /** From `low` to below `high`. */
  uniform(low: number, high: number): number {
    return low + (this.uint32() / 2 ** 32) * (high - low);
  }

  /** A whole number from 0 to below `bound`. */
  below(bound: number): number {
    return Math.floor((this.uint32() / 2 ** 32) * bound);
  }

  /** True so often. */
  chance(probability: number): boolean {
    return this.uint32() / 2 ** 32 < probability;
  }

  /** One of several, which must not be empty. */
  pick<T>(from: readonly T[]): T {
    return from[this.below(from.length)] as T;
  }
}
