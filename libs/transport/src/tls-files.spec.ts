import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DAY_MS, TestAuthority } from './testing-certificates.js';
import { readTls } from './tls-files.js';

let authority: TestAuthority;
let pair: { cert: string; key: string };

beforeAll(async () => {
  authority = await TestAuthority.create();
  pair = await authority.issue({ commonName: 'host-a', dnsNames: ['a.lan'] });
});
afterAll(() => authority[Symbol.asyncDispose]());

/** A file of the folder with this content, for its owner alone. */
async function file(name: string, content: string): Promise<string> {
  const path = join(authority.folder, name);
  await writeFile(path, content, { mode: 0o600 });
  return path;
}

describe('readTls', () => {
  it('gives nothing where nothing is given', () => {
    expect(readTls({})).toBeUndefined();
  });

  it('gives the texts, and the names of the certificate', async () => {
    const tls = readTls({ ...pair, ca: authority.ca });
    expect(tls).toEqual({
      cert: await readFile(pair.cert, 'utf8'),
      key: await readFile(pair.key, 'utf8'),
      ca: await readFile(authority.ca, 'utf8'),
      fingerprint: expect.stringMatching(/^(?:[0-9A-F]{2}:){31}../) as string,
      names: ['host-a', 'a.lan'],
    });
  });

  it('takes a CA alone: a client without a certificate', () => {
    const tls = readTls({ ca: authority.ca });
    expect(tls).toMatchObject({ cert: undefined, names: [] });
  });

  it.each([
    ['cert', '--tls-cert is of no use alone: expected --tls-key as well'],
    ['key', '--tls-key is of no use alone: expected --tls-cert as well'],
  ] as const)('wants both: %s alone', (name, message) => {
    expect(() => readTls({ [name]: pair[name] })).toThrow(
      expect.objectContaining({ code: 'ERR_CONFIG', message }) as Error,
    );
  });

  it.each(['cert', 'key', 'ca'] as const)(
    'names the file of --tls-%s that is not there',
    (name) => {
      const files = { ...pair, ca: authority.ca, [name]: '/nowhere.pem' };
      expect(() => readTls(files)).toThrow(
        `/nowhere.pem cannot be read: ENOENT (--tls-${name})`,
      );
    },
  );

  it.each(['cert', 'ca'] as const)(
    'says that the file of --tls-%s is none',
    async (name) => {
      const path = await file('junk.pem', 'junk');
      const files = { ...pair, ca: authority.ca, [name]: path };
      const message = `${path} holds no certificate: expected PEM, '-----BEGIN CERTIFICATE-----' (--tls-${name})`;
      expect(() => readTls(files)).toThrow(message);
    },
  );

  it('refuses a key that others can read, as ssh does', async () => {
    const { cert, key } = await authority.issue({ commonName: 'open' });
    await chmod(key, 0o640);
    const message = `others can read the key ${key}: expected mode 0600, got 0640; chmod 600 ${key} (--tls-key)`;
    expect(() => readTls({ cert, key })).toThrow(
      expect.objectContaining({ code: 'ERR_CONFIG', message }) as Error,
    );
    await chmod(key, 0o400);
    expect(readTls({ cert, key })).toBeDefined();
  });

  it('refuses the key of another certificate', async () => {
    const { key } = await authority.issue({ commonName: 'other' });
    const message = `${key} is not the key of the certificate in ${pair.cert}`;
    expect(() => readTls({ cert: pair.cert, key })).toThrow(message);
  });

  it('refuses a key that is none, and quotes nothing of it', async () => {
    const key = await file('bad.key', 'not-the-secret');
    expect(() => readTls({ cert: pair.cert, key })).toThrow(
      `${key} holds no private key that can be used: expected PEM without a passphrase (--tls-key)`,
    );
  });

  it('refuses a CA that may not sign', () => {
    expect(() => readTls({ ca: pair.cert })).toThrow(
      `${pair.cert} holds the certificate of 'CN=host-a', which is no CA: expected the certificate of who has signed (--tls-ca)`,
    );
  });

  it.each([
    [-1.5, /host-a.*\(--tls-cert\) is not valid yet: it is from \w+ .*GMT on/],
    [1.5, /host-a.*\(--tls-cert\) has expired: it was valid until \w+ .*GMT$/],
  ])('tells a certificate whose time it is not (day %f)', (days, message) => {
    const atMs = Date.now() + days * DAY_MS;
    expect(() => readTls(pair, atMs)).toThrow(
      expect.objectContaining({
        code: 'ERR_TLS',
        message: expect.stringMatching(message) as string,
      }) as Error,
    );
  });

  it('tells a CA whose time is over', () => {
    const atMs = Date.now() + 31 * DAY_MS;
    expect(() => readTls({ ca: authority.ca }, atMs)).toThrow(
      /ca\.crt \(--tls-ca\) has expired/,
    );
  });
});
