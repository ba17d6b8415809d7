import { describe, expect, it } from 'vitest';
import { reachableUrls, requireReachable } from './addresses.js';

const [a, b] = [
  { name: 'a', slots: 1 },
  { name: 'b', slots: 1 },
];

describe('reachableUrls', () => {
  it('puts the address in for the loopback one', () => {
    expect(reachableUrls('ws://127.0.0.1:7070', '10.0.0.1')).toBe(
      'ws://10.0.0.1:7070',
    );
    expect(reachableUrls('ws://127.0.0.1:1,ws://10.0.0.2:2', 'a.net')).toBe(
      'ws://a.net:1,ws://10.0.0.2:2',
    );
    expect(reachableUrls('ws://127.0.0.1:1', 'fe80::1')).toBe(
      'ws://[fe80::1]:1',
    );
  });
});

describe('reachableUrls with TLS', () => {
  it('has the name that is in the certificate', () => {
    expect(reachableUrls('wss://10.0.0.1:7070', 'a.example')).toBe(
      'wss://a.example:7070',
    );
  });
});

describe('requireReachable', () => {
  it('takes an address that other hosts can use', () => {
    expect(() => requireReachable(a, '10.0.0.1', [a, b])).not.toThrow();
  });

  it('takes the loopback one where there are no other workers', () => {
    const [server, none] = [a, { ...b, slots: 0 }];
    expect(() =>
      requireReachable(server, '127.0.0.1', [server, none]),
    ).not.toThrow();
  });

  it('refuses the loopback one where there are', () => {
    expect(() => requireReachable(a, 'localhost', [a, b])).toThrow(
      'other hosts cannot reach',
    );
  });
});
