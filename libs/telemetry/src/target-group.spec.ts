import { describe, expect, it } from 'vitest';
import { isOurAddress, targetGroup } from './target-group.js';
import type { Asker } from './target-group.js';

const ours = new Set(['10.0.0.1', 'fd00::1']);
/** On this machine, asking the loopback interface. */
const here: Asker = { asked: '127.0.0.1', address: '127.0.0.1', ours };
/** On another machine, asking this one by an address that it reaches. */
const away: Asker = { asked: '10.0.0.1', address: '10.0.0.9', ours };

/** Where a process that listens there, connected from there, is reached. */
function place(metricsUrl: string, address: string | null, asker: Asker) {
  const group = targetGroup({ labels: {}, metricsUrl, address }, asker);
  return group?.targets[0];
}

describe('targetGroup', () => {
  it('has the labels, and the scheme where it is not http', () => {
    const labels = { job: 'j', worker: 'w' };
    const process = { labels, address: null };
    expect(
      targetGroup({ ...process, metricsUrl: 'http://10.0.0.5:1' }, away),
    ).toEqual({ targets: ['10.0.0.5:1'], labels });
    expect(
      targetGroup({ ...process, metricsUrl: 'https://w.example' }, away),
    ).toEqual({
      targets: ['w.example:443'],
      labels: { ...labels, __scheme__: 'https' },
    });
  });

  it('leaves an address alone that means one machine', () => {
    for (const asker of [here, away]) {
      expect(place('http://10.0.0.5:9464', '10.0.0.5', asker)).toBe(
        '10.0.0.5:9464',
      );
      expect(place('http://[fd00::5]:1', null, asker)).toBe('[fd00::5]:1');
      expect(place('http://w.example', null, asker)).toBe('w.example:80');
    }
  });

  it('takes the address of the connection for any address of a machine', () => {
    const every = 'http://0.0.0.0:9464';
    for (const asker of [here, away]) {
      expect(place(every, '172.18.0.4', asker)).toBe('172.18.0.4:9464');
      expect(place(every, '::ffff:172.18.0.4', asker)).toBe('172.18.0.4:9464');
      expect(place('http://[::]:9464', 'fd00::4', asker)).toBe(
        '[fd00::4]:9464',
      );
    }
  });

  it('takes the address that was asked where it is that machine', () => {
    const every = 'http://0.0.0.0:9464';
    expect(place(every, null, away)).toBe('10.0.0.1:9464');
    expect(place(every, null, here)).toBe('127.0.0.1:9464');
    const mapped = { ...away, asked: '::ffff:10.0.0.1' };
    expect(place(every, null, mapped)).toBe('10.0.0.1:9464');
    expect(place(every, null, { ...away, asked: 'fd00::1' })).toBe(
      '[fd00::1]:9464',
    );
    expect(place(every, null, { ...away, asked: 'ps.example' })).toBe(
      'ps.example:9464',
    );
    // its socket is closed
    expect(place(every, null, { ...away, asked: '' })).toBeUndefined();
  });

  it('gives a loopback address to who is on that machine', () => {
    for (const host of ['127.0.0.1', '[::1]', 'localhost', '127.0.0.9']) {
      const url = `http://${host}:9464`;
      expect(place(url, null, here)).toBe(`${host}:9464`);
      const byAddress = { ...here, asked: '10.0.0.1', address: '10.0.0.1' };
      expect(place(url, null, byAddress)).toBe(`${host}:9464`);
    }
  });

  it('gives a loopback address to nobody else', () => {
    const url = 'http://127.0.0.1:9464';
    // the worker is on another machine than who asks, this one or a third
    expect(place(url, '10.0.0.5', here)).toBeUndefined();
    expect(place(url, '10.0.0.9', away)).toBeUndefined();
    expect(place(url, null, away)).toBeUndefined();
  });
});

describe('isOurAddress', () => {
  it('knows loopback, and the addresses of this machine as they are written', () => {
    const is = ['127.0.0.1', '127.0.0.5', '::1', '10.0.0.1', 'fd00::1'];
    const mapped = ['::ffff:127.0.0.1', '::ffff:10.0.0.1'];
    for (const one of [...is, ...mapped]) {
      expect(isOurAddress(one, ours)).toBe(true);
    }
    for (const one of ['10.0.0.2', 'fd00::2', '::ffff:10.0.0.2', '']) {
      expect(isOurAddress(one, ours)).toBe(false);
    }
  });
});
