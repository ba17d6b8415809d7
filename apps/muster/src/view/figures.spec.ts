import { describe, expect, it } from 'vitest';
import {
  formatBar,
  formatClock,
  formatCount,
  formatDuration,
  formatLoss,
  formatNumberOf,
  formatPercent,
  printable,
} from './figures.js';

describe('figures', () => {
  it.each([
    [0, '0'],
    [999, '999'],
    [1000, '1,000'],
    [1234567.5, '1,234,568'],
    [-1234, '-1,234'],
    [Infinity, 'Infinity'],
  ])('formatCount(%d)', (value, text) => {
    expect(formatCount(value)).toBe(text);
  });

  it.each([
    [0.98614, '98.61 %'],
    [1, '100.00 %'],
    [0, '0.00 %'],
    [Number.NaN, 'NaN'],
  ])('formatPercent(%d)', (value, text) => {
    expect(formatPercent(value)).toBe(text);
  });

  it.each([
    [0.04321, '0.0432'],
    [999, '999.0000'],
    [12345, '1.23e+4'],
    [Number.NaN, 'NaN'],
  ])('formatLoss(%d)', (value, text) => {
    expect(formatLoss(value)).toBe(text);
  });

  it.each([
    [0, '0.0 s'],
    [59.94, '59.9 s'],
    [59.96, '1 min 00 s'],
    [72.4, '1 min 12 s'],
    [3599.6, '1 h 00 min'],
    [7500, '2 h 05 min'],
    [Number.NaN, 'NaN'],
  ])('formatDuration(%d)', (value, text) => {
    expect(formatDuration(value)).toBe(text);
  });

  it.each([
    [undefined, '-:--'],
    [Infinity, '-:--'],
    [0, '0:00'],
    [41.2, '0:42'],
    [60, '1:00'],
    [3723, '1:02:03'],
  ])('formatClock(%s)', (value, text) => {
    expect(formatClock(value)).toBe(text);
  });

  it('formatNumberOf knows one from many', () => {
    expect(formatNumberOf(0, 'worker')).toBe('0 workers');
    expect(formatNumberOf(1, 'worker')).toBe('1 worker');
    expect(formatNumberOf(1175, 'step')).toBe('1,175 steps');
  });

  it.each([
    [0.2, '####'],
    [1, '#'.repeat(20)],
    [7, '#'.repeat(20)],
    [-1, ''],
    [Number.NaN, ''],
  ])('formatBar(%d, 20)', (ratio, bar) => {
    expect(formatBar(ratio, 20)).toBe(bar);
  });

  it('printable takes the commands out of a text and leaves the rest', () => {
    expect(printable('a\u001b[2Jb\r\u009b1mc\td\ne\u00e9')).toBe(
      'a?[2Jb??1mc?d\ne\u00e9',
    );
  });
});
