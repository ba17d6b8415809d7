import { describe, expect, it } from 'vitest';
import { scrapePlace } from './scrape-place.js';
import type { Asker } from './scrape-place.js';

const ours = new Set(['127.0.0.1', '::1', '10.0.0.1', 'fd00::1']);
/** On this machine, asking the loopback interface. */
const here: Asker = { asked: '127.0.0.1', address: '127.0.0.1', ours };
/** On another machine, asking this one by an address that it reaches. */
const away: Asker = { asked: '10.0.0.1', address: '10.0.0.9', ours };

/** Where a process that listens there, connected from there, is reached. */
function place(metricsUrl: string, address: string | undefined, asker: Asker) {
  return scrapePlace({ metricsUrl, address }, asker);
}

describe('scrapePlace', () => {
  it('leaves an address alone that means one machine', () => {
    for (const asker of [here, away]) {
      expect(place('http://10.0.0.5:9464', '10.0.0.5', asker)).toBe(
        '10.0.0.5:9464',
      );
      expect(place('http://[fd00::5]:1', undefined, asker)).toBe('[fd00::5]:1');
      expect(place('http://w.example', undefined, asker)).toBe('w.example:80');
      expect(place('https://w.example', undefined, asker)).toBe(
        'w.example:443',
      );
    }
  });

  it('takes the address of the connection for any address of a machine', () => {
    for (const asker of [here, away]) {
      const every = 'http://0.0.0.0:9464';
      expect(place(every, '172.18.0.4', asker)).toBe('172.18.0.4:9464');
      expect(place(every, '::ffff:172.18.0.4', asker)).toBe('172.18.0.4:9464');
      expect(place('http://[::]:9464', 'fd00::4', asker)).toBe(
        '[fd00::4]:9464',
      );
    }
  });

  it('takes the address that was asked where it is this machine', () => {
    const every = 'http://0.0.0.0:9464';
    for (const address of [undefined, '127.0.0.1', '10.0.0.1', 'fd00::1']) {
      expect(place(every, address, away)).toBe('10.0.0.1:9464');
      expect(place(every, address, here)).toBe('127.0.0.1:9464');
    }
    const mapped = { ...away, asked: '::ffff:10.0.0.1' };
    expect(place(every, undefined, mapped)).toBe('10.0.0.1:9464');
    const six = { ...away, asked: 'fd00::1' };
    expect(place(every, undefined, six)).toBe('[fd00::1]:9464');
    // its socket is closed
    expect(place(every, undefined, { ...away, asked: '' })).toBeUndefined();
  });

  it('gives a loopback address to who is on that machine', () => {
    const urls = ['127.0.0.1', '[::1]', 'localhost', '127.0.0.9'];
    for (const host of urls) {
      const url = `http://${host}:9464`;
      expect(place(url, undefined, here)).toBe(`${host}:9464`);
      expect(place(url, '::ffff:127.0.0.1', here)).toBe(`${host}:9464`);
      // it came over the network, from this machine
      expect(place(url, '10.0.0.1', here)).toBe(`${host}:9464`);
    }
    const byAddress = { ...here, asked: '10.0.0.1', address: '10.0.0.1' };
    expect(place('http://127.0.0.1:1', undefined, byAddress)).toBe(
      '127.0.0.1:1',
    );
  });

  it('gives a loopback address to nobody else', () => {
    const url = 'http://127.0.0.1:9464';
    // the worker is on another machine than who asks, this one or a third
    expect(place(url, '10.0.0.5', here)).toBeUndefined();
    expect(place(url, '10.0.0.9', away)).toBeUndefined();
    expect(place(url, undefined, away)).toBeUndefined();
    expect(place(url, '127.0.0.1', away)).toBeUndefined();
  });
});
