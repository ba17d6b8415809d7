import { describe, expect, it } from 'vitest';
import { isLocalHost, isOurHost } from './host-check.js';

const local = { isLocal: true, hosts: ['Metrics.example'] };
const open = { isLocal: false, hosts: [] };

describe('isOurHost', () => {
  it.each([
    undefined,
    '127.0.0.1',
    '127.0.0.1:9090',
    '192.0.2.1:9090',
    '[::1]:9090',
    '[2001:db8::1]',
    'localhost',
    'LOCALHOST:9090',
    'localhost.',
    'muster.localhost:9090',
    'metrics.example:9090',
    'METRICS.example',
  ])('takes %j', (header) => {
    expect(isOurHost(header, local)).toBe(true);
  });

  it.each([
    '',
    'evil.example',
    'evil.example:9090',
    'metrics.example.evil.example',
    'localhost.evil.example',
    'notlocalhost',
    '127.0.0.1.evil.example',
    '127.0.0.1@evil.example',
    'evil.example:127.0.0.1',
    'server',
    'a b',
    '[::1',
  ])('does not take %j', (header) => {
    expect(isOurHost(header, local)).toBe(false);
  });

  it('takes a name without a dot where other machines connect', () => {
    expect(isOurHost('server:9090', open)).toBe(true);
    expect(isOurHost('server.evil.example:9090', open)).toBe(false);
    expect(isOurHost('metrics.example', open)).toBe(false);
  });
});

describe('isLocalHost', () => {
  it.each([
    ['localhost', true],
    ['127.0.0.1', true],
    ['127.8.0.1', true],
    ['::1', true],
    ['0.0.0.0', false],
    ['::', false],
    ['127.evil.example', false],
  ])('of %s is %s', (host, isLocal) => {
    expect(isLocalHost(host)).toBe(isLocal);
  });
});
