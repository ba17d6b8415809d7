import { describe, expect, it } from 'vitest';
import { hostAndPort, parseServerUrl, tcpUrl } from './server-url.js';

describe('parseServerUrl', () => {
  it.each([
    ['ws://10.0.0.1:7', 'ws://10.0.0.1:7/muster', undefined, false],
    ['ws://127.9.0.1:7', 'ws://127.9.0.1:7/muster', undefined, true],
    ['ws://[::1]:7/', 'ws://[::1]:7/muster', undefined, true],
    ['ws://localhost:7/own', 'ws://localhost:7/own', undefined, true],
    [
      'ws://127.0.0.1.evil.org',
      'ws://127.0.0.1.evil.org/muster',
      undefined,
      false,
    ],
    ['wss://far.org', 'wss://far.org/muster', undefined, true],
    ['unix:/a/b', 'ws://localhost/muster', '/a/b', true],
    ['ws+unix:///a/b', 'ws://localhost/muster', '/a/b', true],
  ])('reads %s', (text, url, socketPath, isPrivate) => {
    const target = parseServerUrl(text);
    expect(target).toMatchObject({ url, isPrivate });
    expect(target.socketPath).toBe(socketPath);
  });

  it('keeps a password out of the name', () => {
    expect(parseServerUrl('ws://me:pw@h:1').name).toBe('ws://h:1');
  });

  it.each(['', 'host:7', 'http://h:7', 'ws://', 'unix:a', 'ws://h:7#x'])(
    'refuses %j',
    (text) => {
      expect(() => parseServerUrl(text)).toThrow(
        expect.objectContaining({ code: 'ERR_CONFIG' }) as Error,
      );
    },
  );
});

describe('tcpUrl', () => {
  it.each([
    ['10.0.0.1', 'ws://10.0.0.1:7'],
    ['fe80::1', 'ws://[fe80::1]:7'],
    ['0.0.0.0', 'ws://127.0.0.1:7'],
    ['::', 'ws://[::1]:7'],
  ])('makes of %s what reaches it', (address, url) => {
    expect(tcpUrl(address, 7)).toBe(url);
  });

  it('leaves a wildcard alone where it is only named', () => {
    expect(hostAndPort('::', 7)).toBe('[::]:7');
  });
});
