import { describe, expect, it } from 'vitest';
import { confusable, machinesFor } from './machines.js';

describe('machinesFor', () => {
  it('gives one for the servers and one for each host', () => {
    const hosts = [{ name: 'a' }, { name: 'b.lan', address: '10.0.0.2' }];
    expect(machinesFor(hosts, ['a'])).toEqual([
      {
        ...{ name: 'server', isServer: true },
        dnsNames: ['a', 'localhost'],
        ipAddresses: ['127.0.0.1', '::1'],
      },
      { name: 'a', isServer: false, dnsNames: ['a'], ipAddresses: [] },
      {
        ...{ name: 'b.lan', isServer: false },
        ...{ dnsNames: ['b.lan'], ipAddresses: ['10.0.0.2'] },
      },
    ]);
  });

  it("has the servers' under each of their names and addresses", () => {
    const hosts = [{ name: 'a', address: '10.0.0.1' }, { name: '10.0.0.2' }];
    const [server] = machinesFor(hosts, ['a', '10.0.0.2', 'public.example']);
    expect(server).toMatchObject({
      dnsNames: ['a', 'public.example', 'localhost'],
      ipAddresses: ['10.0.0.1', '10.0.0.2', '127.0.0.1', '::1'],
    });
  });

  it.each(['ca', 'server', '../up', 'a/b', '', '.hidden', 'x'.repeat(56)])(
    "refuses a host called '%s'",
    (name) => {
      expect(() => machinesFor([{ name }], ['a'])).toThrow(
        expect.objectContaining({ code: 'ERR_CONFIG' }) as Error,
      );
    },
  );
});

describe('confusable', () => {
  it.each([
    [['node', 'node-1'], [['node', 'node-1']]],
    [['node-1', 'node-2', 'node-10'], []],
    [['gpu', 'gpu-box-1'], []],
    [['a', 'ab'], []],
  ])('of %j', (names, expected) => {
    expect(confusable(names.map((name) => ({ name })))).toEqual(expected);
  });
});
