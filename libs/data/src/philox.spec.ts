import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { philoxBlocks, type PhiloxInput } from './philox.js';

function draw(input: PhiloxInput, length = 4): number[] {
  const into = new Uint32Array(length);
  philoxBlocks(input, into);
  return [...into];
}

const F = 0xffffffff;

/** `philox4x32 10` of the file `kat_vectors` of the Random123 distribution. */
const KNOWN_ANSWERS: readonly [PhiloxInput, string][] = [
  [[0, 0, 0, 0, 0, 0], '6627e8d5 e169c58d bc57ac4c 9b00dbd8'],
  [[F, F, F, F, F, F], '408f276d 41c83b0e a20bc7c6 6d5451fd'],
  [
    [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344, 0xa4093822, 0x299f31d0],
    'd16cfe09 94fdcceb 5001e420 24126ea1',
  ],
];

/** The paper's round function with exact integers, for any input. */
function reference(input: PhiloxInput): number[] {
  const mask = 0xffffffffn;
  let [x0, x1, x2, x3, k0, k1] = input.map(BigInt) as [
    bigint,
    bigint,
    bigint,
    bigint,
    bigint,
    bigint,
  ];
  for (let round = 0; round < 10; round += 1) {
    const p0 = x0 * 0xd2511f53n;
    const p1 = x2 * 0xcd9e8d57n;
    [x0, x1, x2, x3] = [
      (p1 >> 32n) ^ x1 ^ k0,
      p1 & mask,
      (p0 >> 32n) ^ x3 ^ k1,
      p0 & mask,
    ];
    k0 = (k0 + 0x9e3779b9n) & mask;
    k1 = (k1 + 0xbb67ae85n) & mask;
  }
  return [x0, x1, x2, x3].map(Number);
}

const word = fc.nat({ max: F });

describe('philoxBlocks', () => {
  it.each(KNOWN_ANSWERS)('gives the known answer of %j', (input, answer) => {
    const words = draw(input).map((x) => x.toString(16).padStart(8, '0'));
    expect(words.join(' ')).toBe(answer);
  });

  it('equals the definition with exact integers', () => {
    fc.assert(
      fc.property(fc.tuple(word, word, word, word, word, word), (input) => {
        expect(draw(input)).toEqual(reference(input));
      }),
    );
  });

  it('counts blocks up, with a carry into the second word', () => {
    const blocks = draw([F - 1, 7, 1, 2, 3, 4], 16);
    expect(blocks.slice(4, 8)).toEqual(draw([F, 7, 1, 2, 3, 4]));
    expect(blocks.slice(8, 12)).toEqual(draw([0, 8, 1, 2, 3, 4]));
    expect(blocks.slice(12)).toEqual(draw([1, 8, 1, 2, 3, 4]));
  });

  it('leaves a rest that is shorter than a block', () => {
    expect(draw([0, 0, 0, 0, 0, 0], 6).slice(4)).toEqual([0, 0]);
  });
});
