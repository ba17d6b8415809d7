/** Where a process says that it serves metrics: an address, and nothing else. */
import { describe, expect, it } from 'vitest';
import { decodeFrame } from './decode-frame.js';
import { encodeFrame } from './encode-frame.js';
import { DEFAULT_FRAME_LIMITS } from './frame-limits.js';
import { PROTOCOL_VERSION } from './messages.js';
import type { MessageOf } from './messages.js';
import { tellableMetricsUrl } from './metrics-url.js';

/** What becomes of a `join` that gives this address. */
function joinWith(metricsUrl: string): string | undefined {
  const message: MessageOf<'join'> = {
    type: 'join',
    protocol: PROTOCOL_VERSION,
    workerId: 'w-1',
    numerics: '0'.repeat(64),
    backend: 'wasm',
    metricsUrl,
  };
  const frame = encodeFrame({ message });
  const packet = decodeFrame(frame, DEFAULT_FRAME_LIMITS);
  return (packet.message as typeof message).metricsUrl;
}

describe('the address of metrics in a join', () => {
  it.each([
    'http://127.0.0.1:9464',
    'http://0.0.0.0:9464',
    'https://[fd00::2]:9464',
    'http://worker-1.example',
  ])('may be %s', (url) => {
    expect(joinWith(url)).toBe(url);
    expect(tellableMetricsUrl(url)).toBe(url);
  });

  it.each([
    ['another scheme', 'file:///etc/passwd'],
    ['no scheme', '10.0.0.2:9464'],
    ['a path', 'http://10.0.0.2:9464/metrics'],
    ['a query', 'http://10.0.0.2?x'],
    ['a login', 'http://me:secret@10.0.0.2:9464'],
    ['a line break', 'http://10.0.0.2:9464\n'],
    ['no host', 'http://:9464'],
    ['a port beyond 65535', 'http://10.0.0.2:65536'],
    ['no IPv6 address in brackets', 'http://[fd00]:1'],
    ['more than 200 characters', `http://${'a'.repeat(194)}`],
  ])('may not have %s', (_what, url) => {
    expect(() => joinWith(url)).toThrow(
      expect.objectContaining({ code: 'ERR_MALFORMED_MESSAGE' }) as Error,
    );
    expect(tellableMetricsUrl(url)).toBeUndefined();
  });

  it('need not be there', () => {
    expect(tellableMetricsUrl(null)).toBeUndefined();
    expect(tellableMetricsUrl(undefined)).toBeUndefined();
  });
});
