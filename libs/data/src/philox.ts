/**
 * Philox4x32-10, a counter-based random generator: block `i` of a key is a
 * pure function of both, so that any process can draw any part of a stream.
 * Source: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as
 * 1, 2, 3" (SC 2011), section 4.3; the constants are those of Random123.
 * 32-bit integer arithmetic only: the same bits on every engine.
 */

/** Multipliers of the round function; the low and high halves of each. */
const M0 = 0xd2511f53;
const M0_LOW = M0 & 0xffff;
const M0_HIGH = M0 >>> 16;
const M1 = 0xcd9e8d57;
const M1_LOW = M1 & 0xffff;
const M1_HIGH = M1 >>> 16;

/** Added to the key after each round (golden ratio, square root of 3). */
const W0 = 0x9e3779b9;
const W1 = 0xbb67ae85;

const NUM_ROUNDS = 10;

/** Words of a block. */
export const BLOCK_WORDS = 4;

/**
 * Key and upper half of the counter, six uint32: `[c0, c1, c2, c3, k0, k1]` in
 * the order of Random123's known-answer table.
 */
export type PhiloxInput = readonly [
  c0: number,
  c1: number,
  c2: number,
  c3: number,
  k0: number,
  k1: number,
];

/**
 * Writes consecutive blocks: block `i` is Philox4x32-10 of the counter
 * `c + i` (128 bits, `c0` the lowest word; the carry goes as far as `c1`).
 *
 * @param into - uint32 `[4 * blocks]`; a rest shorter than a block is left.
 */
export function philoxBlocks(input: PhiloxInput, into: Uint32Array): void {
  const [c0, c1, c2, c3, k0, k1] = input;
  const end = into.length - (into.length % BLOCK_WORDS);
  for (let at = 0, low = c0 | 0, high = c1 | 0; at < end; at += BLOCK_WORDS) {
    let x0 = low;
    let x1 = high;
    let x2 = c2 | 0;
    let x3 = c3 | 0;
    let key0 = k0 | 0;
    let key1 = k1 | 0;
    for (let round = 0; round < NUM_ROUNDS; round += 1) {
      // Upper word of a 32 x 32 bit product from four 16 x 16 bit ones,
      // written out twice: the engine keeps all of it in registers.
      const a0 = x0 & 0xffff;
      const a1 = x0 >>> 16;
      const p0 = Math.imul(a1, M0_LOW) + (Math.imul(a0, M0_LOW) >>> 16);
      const q0 = Math.imul(a0, M0_HIGH) + (p0 & 0xffff);
      const high0 = Math.imul(a1, M0_HIGH) + (p0 >>> 16) + (q0 >>> 16);
      const b0 = x2 & 0xffff;
      const b1 = x2 >>> 16;
      const p1 = Math.imul(b1, M1_LOW) + (Math.imul(b0, M1_LOW) >>> 16);
      const q1 = Math.imul(b0, M1_HIGH) + (p1 & 0xffff);
      const high1 = Math.imul(b1, M1_HIGH) + (p1 >>> 16) + (q1 >>> 16);
      const low0 = Math.imul(x0, M0);
      const low1 = Math.imul(x2, M1);
      x0 = high1 ^ x1 ^ key0;
      x1 = low1;
      x2 = high0 ^ x3 ^ key1;
      x3 = low0;
      key0 = (key0 + W0) | 0;
      key1 = (key1 + W1) | 0;
    }
    into[at] = x0;
    into[at + 1] = x1;
    into[at + 2] = x2;
    into[at + 3] = x3;
    low = (low + 1) | 0;
    if (low === 0) high = (high + 1) | 0;
  }
}
