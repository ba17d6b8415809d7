import { describe, expect, it } from 'vitest';
import { bindHost } from './bind-host.js';

describe('bindHost', () => {
  it('is the address where this machine has it', async () => {
    expect(await bindHost('127.0.0.1')).toBe('127.0.0.1');
    expect(['127.0.0.1', '::1']).toContain(await bindHost('localhost'));
  });

  it('is every address where it has not', async () => {
    // TEST-NET-1 of RFC 5737, which no machine has
    expect(await bindHost('192.0.2.1')).toBe('0.0.0.0');
  });
});
