import { describe, expect, it } from 'vitest';
import { parseHostList, parseHostsFile } from './hosts.js';

describe('parseHostList', () => {
  it('reads names, users, addresses and workers', () => {
    expect(parseHostList('a,b:2, me@c.example:4,[fe80::1%eth0]:3')).toEqual([
      { name: 'a', slots: 1 },
      { name: 'b', slots: 2 },
      { name: 'c.example', slots: 4, user: 'me' },
      { name: 'fe80::1%eth0', slots: 3 },
    ]);
  });

  it('takes a host without workers', () => {
    expect(parseHostList('a:0,b:1')[0]).toEqual({ name: 'a', slots: 0 });
  });

  it.each([
    '',
    'a,',
    'a:x',
    'a:-1',
    'a:1025',
    'a:1:2',
    '-oProxyCommand=x',
    '-x:1',
    'me@-x:1',
    '-u@a:1',
    '@a',
    'a b',
    'a;b',
    '[a]:1',
    'fe80::1',
  ])('refuses %j', (text) => {
    expect(() => parseHostList(text)).toThrow(
      expect.objectContaining({ code: 'ERR_CONFIG' }),
    );
  });

  it('refuses a host that is named twice', () => {
    expect(() => parseHostList('a:1,b:1,a:2')).toThrow(
      "host 'a' is named twice",
    );
  });
});

describe('parseHostsFile', () => {
  it('reads maps and texts', () => {
    const text = `
hosts:
  - me@a:2
  - host: b
    slots: 4
    user: train
    port: 2222
    address: 10.0.0.2
    folder: ~/muster
    node: /opt/node/bin/node
  - host: c
`;
    expect(parseHostsFile(text, 'hosts.yaml')).toEqual([
      { name: 'a', slots: 2, user: 'me' },
      {
        name: 'b',
        slots: 4,
        user: 'train',
        port: 2222,
        address: '10.0.0.2',
        folder: '~/muster',
        node: '/opt/node/bin/node',
      },
      { name: 'c', slots: 1 },
    ]);
  });

  it.each([
    ['no map', 'a'],
    ['no hosts', 'hosts: []'],
    ['not YAML', 'hosts: ['],
    ['an unknown key', 'hosts: [{ host: a, slot: 1 }]'],
    ['a relative folder', 'hosts: [{ host: a, folder: muster }]'],
    ['an option for a host', 'hosts: [{ host: -oProxyCommand=x }]'],
    ['an option for a user', 'hosts: [{ host: a, user: -x }]'],
    ['a port too high', 'hosts: [{ host: a, port: 65536 }]'],
    ['half a worker', 'hosts: [{ host: a, slots: 0.5 }]'],
  ])('refuses %s', (_, text) => {
    expect(() => parseHostsFile(text, 'hosts.yaml')).toThrow(
      expect.objectContaining({ code: 'ERR_CONFIG' }),
    );
  });
});
