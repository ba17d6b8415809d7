import { expect, it } from 'vitest';
import { sha256Of } from './parameters-sha256.js';

it('sha256Of is that of the little-endian bytes', () => {
  // 1 is 0000803f, -2 is 000000c0; printf '\\x00\\x00\\x80\\x3f...' | sha256sum
  expect(sha256Of(Float32Array.of(1, -2))).toBe(
    'ee4ac73c2bd27756ab82780f27c73a7bc4d3f0bb6acb37e008bc27eccd7e588b',
  );
});
