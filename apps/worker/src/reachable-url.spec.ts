import { describe, expect, it } from 'vitest';
import { reachableUrl } from './reachable-url.js';

describe('reachableUrl', () => {
  it('takes the host of the coordinator where a server says loopback', () => {
    const url = reachableUrl('ws://127.0.0.1:7071', 'ws://ps.example:7070');
    expect(url).toBe('ws://ps.example:7071');
    expect(reachableUrl('ws://[::1]:1', 'ws://[fd00::2]:2')).toBe(
      'ws://[fd00::2]:1',
    );
    expect(reachableUrl('wss://localhost:1', 'wss://h:2')).toBe('wss://h:1');
  });

  it('leaves alone what is good as it is', () => {
    const known = [
      ['ws://10.0.0.2:1', 'ws://10.0.0.1:1'],
      ['ws://127.0.0.1:1', 'ws://127.0.0.1:2'],
      ['ws://127.0.0.1:1', 'ws+unix:/run/ps.sock'],
      ['ws+unix:/run/a.sock', 'ws://h:1'],
      ['no address', 'ws://h:1'],
    ] as const;
    for (const [url, coordinator] of known) {
      expect(reachableUrl(url, coordinator)).toBe(url);
    }
  });
});
