import { describe, expect, it } from 'vitest';
import { rootCause } from './root-cause.js';
import type { Failure } from './root-cause.js';

const failure = (message: string, atMs: number): Failure => ({
  ...{ host: 'a', code: 'ERR_PROCESS_FAILED', message, atMs },
});

describe('rootCause', () => {
  it('is the earliest, with what followed', () => {
    const error = rootCause(
      [
        { ...failure('b is lost', 0), code: 'ERR_CONNECTION_LOST' },
        failure('the server ended', 100),
        failure('the server ended', 110),
      ],
      1000,
    );
    expect(error.code).toBe('ERR_CONNECTION_LOST');
    expect(error.message).toBe('b is lost\n  after that:\n  the server ended');
  });

  it('is not what the run has lived with', () => {
    const failures = [failure('b is lost', 0), failure('full disk', 1001)];
    expect(rootCause(failures, 1000).message).toBe('full disk');
    expect(rootCause(failures, 1001).message).toContain('b is lost');
  });
});
