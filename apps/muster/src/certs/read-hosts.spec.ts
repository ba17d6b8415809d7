import { describe, expect, it } from 'vitest';
import { hostsInFile, hostsInList } from './read-hosts.js';

describe('hostsInList', () => {
  it('takes hosts as muster launch does, each once', () => {
    const hosts = hostsInList('a:2, me@b.lan:4,10.0.0.3,a');
    expect(hosts).toEqual(['a', 'b.lan', '10.0.0.3'].map((name) => ({ name })));
  });

  it.each(['', 'a,,b', 'a:x', 'a:1:2', '@'])("refuses '%s'", (text) => {
    expect(() => hostsInList(text)).toThrow(/expected host.*\(-H\)$/);
  });
});

describe('hostsInFile', () => {
  it('takes texts and maps, with more in them than is needed here', () => {
    const text =
      'hosts:\n  - a:2\n  - host: b\n    slots: 4\n    address: 10.0.0.2\n';
    expect(hostsInFile(text, 'h.yaml')).toEqual([
      { name: 'a' },
      { name: 'b', address: '10.0.0.2' },
    ]);
  });

  it.each(['hosts: 3', 'hosts: []', 'x: [', 'hosts:\n  - slots: 3', ''])(
    'refuses %j with the name of the file',
    (text) => {
      expect(() => hostsInFile(text, 'h.yaml')).toThrow(
        /^the hosts file h\.yaml is not usable: .*\(--hosts\)$/s,
      );
    },
  );
});
