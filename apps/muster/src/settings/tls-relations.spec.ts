import { describe, expect, it } from 'vitest';
import { readSettings } from './read-settings.js';
import type { CommandName } from './table.js';

/** Reads these flags, with paths for those of TLS. */
function read(command: CommandName, flags: Readonly<Record<string, unknown>>) {
  const readFile = () => '';
  return readSettings({ command, flags, env: {}, cores: 2, readFile });
}

const pair = { tlsCert: 'c.pem', tlsKey: 'k.pem' };
const all = { ...pair, tlsCa: 'ca.pem' };
const wss = { server: 'wss://a:1' };

describe('the settings of TLS', () => {
  it.each<[CommandName, Record<string, unknown>]>([
    ['train', all],
    ['server', all],
    ['server', pair],
    ['worker', { ...wss, ...all }],
    ['worker', { ...wss, tlsCa: 'ca.pem' }],
    ['worker', { ...wss, ...pair }],
    ['worker', wss],
  ])('%s takes %j', (command, flags) => {
    expect(read(command, flags)).toMatchObject(flags);
  });

  it.each<[CommandName, Record<string, unknown>, RegExp]>([
    ['train', { tlsKey: 'k' }, /--tls-cert: expected the certificate of --tls/],
    ['train', { tlsCert: 'c' }, /--tls-key: expected the key of --tls-cert/],
    ['server', { tlsCa: 'a' }, /--tls-cert: expected a certificate of the se/],
    ['train', pair, /--tls-ca: expected the CA of --tls-cert, as processes of/],
    ['server', { ...pair, servers: '2' }, /--tls-ca: expected the CA of --tls/],
    ['server', { ...pair, standby: '1' }, /--tls-ca: expected the CA of --tls/],
    [
      'worker',
      { server: 'wss://a:1,ws://b:2', tlsCa: 'a' },
      /--server: expected wss:\/\/HOST:PORT with --tls-cert or --tls-ca, got 'wss:\/\/a:1,ws:\/\/b:2'/,
    ],
  ])('%s refuses %j', (command, flags, message) => {
    expect(() => read(command, flags)).toThrow(message);
  });
});
