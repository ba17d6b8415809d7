import { describe, expect, it } from 'vitest';
import { readSettings } from '../settings/read-settings.js';
import { requireLaunchable, serverFlags, trainFlags } from './train-words.js';

const read = (words: readonly string[], env: Record<string, string> = {}) =>
  readSettings({
    ...{ command: 'train', flags: trainFlags(['train', ...words]), env },
    readFile: () => 'epochs: 3\nlearning-rate: 0.01\n',
    cores: 4,
  });

describe('trainFlags', () => {
  it.each([
    [[], 'expected -- train'],
    [['worker'], 'expected -- train'],
    [['train', '--epoch', '1'], 'unknown option'],
    [['train', '--epochs'], 'argument missing'],
  ])('refuses %j', (words, text) => {
    expect(() => trainFlags(words)).toThrow(
      expect.objectContaining({
        code: 'ERR_CONFIG',
        message: expect.stringContaining(text) as string,
      }),
    );
  });

  it('has the values checked here, before any host hears of them', () => {
    expect(() => read(['--epochs', '0'])).toThrow('--epochs');
  });
});

describe('serverFlags', () => {
  it('says what flags, the environment and the file have said', () => {
    const settings = read(['--seed', '7', '--config', 'x.yaml'], {
      MUSTER_SERVERS: '2',
    });
    expect(serverFlags(settings)).toEqual([
      ...['--epochs', '3', '--learning-rate', '0.01', '--seed', '7'],
      ...['--servers', '2'],
    ]);
  });

  it('leaves out what is of this machine, or said by the launcher', () => {
    const settings = read([
      ...['--data', 'd', '--out', 'o', '--token-file', 't', '--json'],
      ...['--listen', '127.0.0.1:7000', '--backend', 'wasm'],
    ]);
    expect(serverFlags(settings)).not.toContain('t');
    expect(serverFlags(settings)).not.toContain('d');
    expect(serverFlags(settings).join(' ')).not.toMatch(
      /--(data|out|token-file|json|listen|resume|config)/,
    );
  });

  it('gives the same settings there', () => {
    const here = read(['--consistency', 'bounded', '--staleness', '3']);
    const there = read(serverFlags(here));
    expect(there).toEqual(here);
  });
});

describe('requireLaunchable', () => {
  it('wants the workers to be said by host', () => {
    expect(() => requireLaunchable(read([]), 'certs')).not.toThrow();
    expect(() =>
      requireLaunchable(read(['--workers', '4']), undefined),
    ).toThrow('expected -H host1:2');
  });

  it('takes certificates in one way', () => {
    const files = ['--tls-cert', 'c', '--tls-key', 'k', '--tls-ca', 'a'];
    const settings = read(files);
    expect(() => requireLaunchable(settings, undefined)).not.toThrow();
    expect(() => requireLaunchable(settings, 'certs')).toThrow('one way');
  });
});
