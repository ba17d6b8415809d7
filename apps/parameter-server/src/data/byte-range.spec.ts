import { expect, it } from 'vitest';
import { parseByteRange } from './byte-range.js';

// The cases of RFC 9110, 14.1.2, for something of 100 bytes.
it.each([
  ['bytes=0-', { begin: 0, end: 100 }],
  ['bytes=99-', { begin: 99, end: 100 }],
  ['bytes=10-19', { begin: 10, end: 20 }],
  ['bytes=10-10', { begin: 10, end: 11 }],
  ['bytes=90-1000', { begin: 90, end: 100 }],
  ['bytes=-30', { begin: 70, end: 100 }],
  ['bytes=-1000', { begin: 0, end: 100 }],
  ['bytes=100-', 'unsatisfiable'],
  ['bytes=100-200', 'unsatisfiable'],
  ['bytes=-0', 'unsatisfiable'],
  ['bytes=20-10', undefined],
  ['bytes=-', undefined],
  ['bytes=0-1,5-6', undefined],
  ['bytes=1e3-', undefined],
  ['items=0-1', undefined],
  ['', undefined],
  [undefined, undefined],
])('reads %j', (header, expected) => {
  expect(parseByteRange(header, 100)).toEqual(expected);
});

it('has nothing to give of nothing', () => {
  expect(parseByteRange('bytes=0-', 0)).toBe('unsatisfiable');
});
