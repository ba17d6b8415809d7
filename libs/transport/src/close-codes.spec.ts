import { ERROR_CODES } from '@muster/protocol';
import { describe, expect, it } from 'vitest';
import { CLOSE_CODES, closeError, errorCodeOf } from './close-codes.js';

describe('close codes', () => {
  it.each(ERROR_CODES)('are one of our own for %s, and back', (code) => {
    const closeCode = CLOSE_CODES[code];
    expect(closeCode).toBeGreaterThanOrEqual(4000);
    expect(closeCode).toBeLessThan(5000);
    expect(errorCodeOf(closeCode)).toBe(code);
  });

  it('never change on the wire', () => {
    expect(CLOSE_CODES).toMatchObject({
      ERR_INTERNAL: 4000,
      ERR_UNAUTHORIZED: 4007,
      ERR_MALFORMED_MESSAGE: 4008,
      ERR_REPLACED: 4011,
      ERR_BACKEND: 4026,
      ERR_NOT_PRIMARY: 4027,
      ERR_TLS: 4028,
    });
  });

  it.each([
    [1002, 'ERR_MALFORMED_MESSAGE'],
    [1008, 'ERR_MALFORMED_MESSAGE'],
    [1009, 'ERR_FRAME_TOO_LARGE'],
    [1001, 'ERR_CONNECTION_LOST'],
    [1006, 'ERR_CONNECTION_LOST'],
    [4999, 'ERR_CONNECTION_LOST'],
  ])('of the standard: %i is %s', (closeCode, code) => {
    expect(closeError('w', closeCode, '')).toMatchObject({ code });
  });

  it.each([1000, 1005])('of an orderly end: %i is no error', (closeCode) => {
    expect(closeError('w', closeCode, 'done')).toBeUndefined();
  });
});
