import { describe, expect, it } from 'vitest';
import {
  addressIn,
  forwardWords,
  resolveWords,
  rsyncWords,
  sshWords,
} from './ssh.js';

const host = { name: 'b', slots: 1 };
const options = { connectTimeoutSeconds: 10 };
const USUAL = ['-T', '-o', 'BatchMode=yes', '-o', 'ConnectTimeout=10'];

describe('sshWords', () => {
  it('leaves everything else to the configuration of the user', () => {
    const words = sshWords(host, options, 'exec sh -s');
    expect(words).toEqual(['ssh', ...USUAL, '--', 'b', 'exec sh -s']);
  });

  it('says what the hosts file says', () => {
    const there = { ...host, user: 'me', port: 2222 };
    const words = sshWords(there, { ...options, config: '/c' }, 'x');
    expect(words).toEqual([
      ...['ssh', '-F', '/c', ...USUAL, '-p', '2222'],
      ...['-l', 'me', '--', 'b', 'x'],
    ]);
  });
});

describe('forwardWords', () => {
  it('may ask for a password: a person is there', () => {
    const to = { port: '8', hostname: '127.0.0.1' };
    expect(forwardWords(host, options, to)).toEqual([
      ...['ssh', '-N', '-L', '8:127.0.0.1:8', '--', 'b'],
    ]);
  });
});

describe('addressIn', () => {
  it('finds what ssh -G prints', () => {
    expect(resolveWords(host, options)).toEqual([
      ...['ssh', '-G', ...USUAL, '--', 'b'],
    ]);
    expect(addressIn('user me\nhostname 10.0.0.2\nport 22\n')).toBe('10.0.0.2');
    expect(addressIn('')).toBeUndefined();
  });
});

describe('rsyncWords', () => {
  const USUAL_COPY = ['rsync', '-rlpt', '--secluded-args', '--partial'];

  it('copies to a host, from its home folder on', () => {
    const words = rsyncWords(
      { path: '/w/' },
      { host: { ...host, user: 'me', port: 22 }, path: '~/.cache/muster' },
      { ...options, config: '/a b' },
      ['--delete'],
    );
    expect(words).toEqual([
      ...[...USUAL_COPY, '--delete', '-e'],
      "ssh -F '/a b' -T -o BatchMode=yes -o ConnectTimeout=10 -p 22",
      ...['--', '/w/', 'me@b:.cache/muster'],
    ]);
  });

  it('copies from a host by its IPv6 address', () => {
    const from = { host: { name: 'fe80::1', slots: 1 }, path: '/r/' };
    const words = rsyncWords(from, { path: '/here/' }, options);
    expect(words.slice(-3)).toEqual(['--', '[fe80::1]:/r/', '/here/']);
  });
});
