import { describe, expect, it } from 'vitest';
import { readLaunchOptions } from './launch-options.js';

const read = (flags: Record<string, unknown>) =>
  readLaunchOptions(flags, () => 'hosts: [a, b, c]');

describe('readLaunchOptions', () => {
  it('starts with all hosts unless it is told otherwise', () => {
    expect(read({ hostList: 'a:1,b:2' })).toMatchObject({
      hosts: [
        { name: 'a', slots: 1 },
        { name: 'b', slots: 2 },
      ],
      ...{ minHosts: 2, maxHosts: 2, isElastic: false, isSynced: true },
      ...{ node: 'node', hostTimeoutMs: 15_000, isPrinted: false },
    });
  });

  it('reads a hosts file', () => {
    expect(read({ hosts: 'h.yaml' }).hosts).toHaveLength(3);
  });

  it.each([
    ['2', 2, 2],
    ['1:3', 1, 3],
    ['3:8', 3, 8],
  ])('reads --nnodes %s', (nnodes, minHosts, maxHosts) => {
    const options = read({ hostList: 'a,b,c', nnodes });
    expect(options).toMatchObject({ minHosts, maxHosts, isElastic: true });
  });

  it.each([
    [{}, 'needs its hosts'],
    [{ hostList: 'a', hosts: 'h.yaml' }, 'in one way'],
    [{ hostList: 'a:0,b:0' }, 'a worker at least'],
    [{ hostList: 'a', nnodes: '0:1' }, '--nnodes'],
    [{ hostList: 'a', nnodes: '2:1' }, '--nnodes'],
    [{ hostList: 'a', nnodes: '2:3' }, '--nnodes'],
    [{ hostList: 'a', nnodes: 'x' }, '--nnodes'],
    [{ hostList: 'a', serverHost: 'b' }, '--server-host'],
    [{ hostList: 'a', folder: 'muster' }, '--folder'],
    [{ hostList: 'a', node: 'node20' }, '--node'],
    [{ hostList: 'a', sshConfig: "it's" }, '--ssh-config'],
    [{ hostList: 'a', hostTimeoutMs: '999' }, '--host-timeout-ms'],
    [{ hostList: 'a', hostTimeoutMs: '1e4' }, '--host-timeout-ms'],
  ])('refuses %j', (flags, text) => {
    expect(() => read(flags)).toThrow(
      expect.objectContaining({
        code: 'ERR_CONFIG',
        message: expect.stringContaining(text) as string,
      }),
    );
  });

  it('tells of a hosts file that cannot be read', () => {
    const readFile = () => {
      throw new Error('ENOENT: h.yaml');
    };
    expect(() => readLaunchOptions({ hosts: 'h.yaml' }, readFile)).toThrow(
      expect.objectContaining({ code: 'ERR_CONFIG' }),
    );
  });
});
