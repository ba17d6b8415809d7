import { describe, expect, it } from 'vitest';
import {
  count,
  counted,
  duration,
  figure,
  milliseconds,
  percent,
} from './format.js';

/** Non-breaking spaces as plain ones. */
const plain = (text: string) => text.replace(/[\u00a0\u202f]/g, ' ');

describe('count', () => {
  it.each([
    [0, '0'],
    [999, '999'],
    [1_000, '1 000'],
    [607_394, '607 394'],
    [1_234_567.8, '1 234 568'],
    [null, '–'],
    [NaN, '–'],
  ])('%s is %s', (value, text) => expect(plain(count(value))).toBe(text));
});

describe('percent', () => {
  it.each([
    [0.98521, 2, '98.52 %'],
    [1, 1, '100.0 %'],
    [0.9999, 1, '99.9 %'],
    [0.29, 0, '29 %'],
    [0, 1, '0.0 %'],
    [null, 1, '–'],
  ])('%s to %i digits is %s', (share, digits, text) =>
    expect(plain(percent(share, digits))).toBe(text),
  );
});

describe('figure', () => {
  it.each([
    [0.04612, '0.0461'],
    [2.3026, '2.30'],
    [41.27, '41.3'],
    [0.0000123, '1.2e-5'],
    [6_512, '6 512'],
    [0, '0.0000'],
  ])('%s is %s', (value, text) => expect(plain(figure(value))).toBe(text));
});

describe('duration', () => {
  it.each([
    [2.44, '2.4 s'],
    [9.96, '10 s'],
    [59.6, '1 min 0 s'],
    [200, '3 min 20 s'],
    [3_840, '1 h 04 min'],
    [null, '–'],
  ])('%s seconds are %s', (value, text) =>
    expect(plain(duration(value))).toBe(text),
  );
});

it('milliseconds below ten have a digit more', () => {
  expect(plain(milliseconds(3.25))).toBe('3.3 ms');
  expect(plain(milliseconds(84.2))).toBe('84 ms');
});

it('one thing has no s', () => {
  expect(counted(1, 'worker')).toBe('1 worker');
  expect(counted(3, 'worker')).toBe('3 workers');
});
