import { maxFrameBytes } from '@muster/protocol';
import { describe, expect, it } from 'vitest';
import { connectionLimits, listenerLimits } from './limits.js';

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
      maxFragments: 64,
      maxConnections: 3,
      maxHeaderBytes: 32_768,
    });
  });
});
