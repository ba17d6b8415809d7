import { describe, expect, it } from 'vitest';
import { pageWords } from './page-words.js';
import type { PagePlace } from './page-words.js';

const HERE = { host: '127.0.0.1', port: 0 };
const EVERYWHERE = { host: '0.0.0.0', port: 0 };
const ssh = { config: '/my config', connectTimeoutSeconds: 10 };

const shown = (
  served: string,
  address: string,
  settings: Partial<PagePlace['settings']>,
) =>
  pageWords(served, {
    ...{ host: { name: 'b', slots: 1, user: 'me', port: 2222 }, address, ssh },
    settings: {
      metricsListen: HERE,
      metricsHosts: undefined,
      metricsTokenFile: undefined,
      ...settings,
    },
  });

describe('pageWords', () => {
  it('has the page of this machine as it is', () => {
    expect(shown('http://127.0.0.1:8/', '127.0.0.1', {})).toBe(
      'dashboard at http://127.0.0.1:8/',
    );
  });

  it('forwards the port of a page that its machine keeps to itself', () => {
    expect(shown('http://127.0.0.1:8/', '10.0.0.2', {})).toBe(
      "dashboard at http://127.0.0.1:8/ of b alone; to see it here, leave this running: ssh -F '/my config' -p 2222 -l me -N -L 8:127.0.0.1:8 -- b",
    );
    expect(
      shown('http://[::1]:8/', 'b', {
        metricsListen: { host: '::1', port: 0 },
        metricsTokenFile: '/t',
      }),
    ).toBe(
      "dashboard at http://127.0.0.1:8/#token=... (the token is in /t there) of b alone; to see it here, leave this running: ssh -F '/my config' -p 2222 -l me -N -L '8:[::1]:8' -- b",
    );
  });

  it('puts in the address by which others reach the host', () => {
    const settings = { metricsListen: EVERYWHERE, metricsTokenFile: '/t' };
    expect(shown('http://0.0.0.0:8/', '10.0.0.2', settings)).toBe(
      'dashboard at http://10.0.0.2:8/#token=... (the token is in /t there)',
    );
    expect(shown('http://[::]:8/', 'fe80::2', settings)).toBe(
      'dashboard at http://[fe80::2]:8/#token=... (the token is in /t there)',
    );
  });

  it('leaves an address that was asked for', () => {
    const metricsListen = { host: '192.168.7.7', port: 8 };
    expect(shown('http://192.168.7.7:8/', '10.0.0.2', { metricsListen })).toBe(
      'dashboard at http://192.168.7.7:8/',
    );
  });

  it('says which name the page has to be told', () => {
    const settings = { metricsListen: EVERYWHERE, metricsTokenFile: '/t' };
    const url =
      'dashboard at http://b.example:8/#token=... (the token is in /t there)';
    expect(shown('http://0.0.0.0:8/', 'b.example', settings)).toBe(
      `${url}; it answers to this name with --metrics-hosts b.example after --`,
    );
    const told = { ...settings, metricsHosts: 'a.example,b.example' };
    expect(shown('http://0.0.0.0:8/', 'b.example', told)).toBe(url);
  });
});
