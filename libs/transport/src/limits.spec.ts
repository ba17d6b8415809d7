import { maxFrameBytes } from '@muster/protocol';
import { describe, expect, it } from 'vitest';
import { connectionLimits, listenerLimits, namedLimit } from './limits.js';

describe('limits', () => {
  it('follow the longest frame', () => {
    const limits = connectionLimits({ maxPayloadBytes: 16_000_000 });
    const frameBytes = maxFrameBytes(limits);
    expect(limits.maxBufferedBytes).toBe(4 * frameBytes + 1_048_576);
    expect(limits.maxBufferedChunks).toBe(Math.ceil(frameBytes / 512));
  });

  it('leave room for the run definition of a tiny model', () => {
    const { maxBufferedBytes } = connectionLimits({ maxPayloadBytes: 4 });
    expect(maxBufferedBytes).toBeGreaterThan(1_000_000);
  });

  it('take what is given, and undefined for not given', () => {
    const given = { maxBufferedBytes: 5, maxFragments: undefined };
    const limits = listenerLimits({ ...given, maxConnections: 3 });
    expect(limits).toMatchObject({
      maxBufferedBytes: 5,
      maxFragments: 8,
      maxConnections: 3,
      maxHeaderBytes: 32_768,
    });
  });

  it('are finite, each of them', () => {
    const values = Object.values(listenerLimits());
    expect(values).toHaveLength(20);
    for (const value of values) expect(Number.isFinite(value)).toBe(true);
  });

  it('are named by their flags, where a person can turn them', () => {
    expect(namedLimit('maxConnections')).toBe('--max-connections');
    expect(namedLimit('maxFragments')).toBe('maxFragments');
  });
});
