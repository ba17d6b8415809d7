import { execFile } from 'node:child_process';
import { X509Certificate, createPrivateKey } from 'node:crypto';
import { chmod, mkdtemp, readFile, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeCertificates } from './certificate-folder.js';
import type { CertificateOrder } from './certificate-folder.js';
import { machinesFor } from './machines.js';

const run = promisify(execFile);
const DAY_MS = 86_400_000;
const NOW_MS = Date.now();

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'muster-certs-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** Makes those of hosts a and b, or of others. */
function make(
  hosts: readonly string[] = ['a', 'b'],
  changed: Partial<CertificateOrder> = {},
) {
  const machines = machinesFor(
    hosts.map((name) => ({ name })),
    ['a'],
  );
  return makeCertificates({
    ...{ machines, folder, days: 30, isForced: false, nowMs: NOW_MS },
    ...changed,
  });
}

const text = (...path: string[]) => readFile(join(folder, ...path), 'utf8');
const certificate = async (...path: string[]) =>
  new X509Certificate(await text(...path));
const mode = async (...path: string[]) =>
  ((await stat(join(folder, ...path))).mode & 0o777).toString(8);

describe('makeCertificates', () => {
  it('makes one folder a machine, and its keys for their owner alone', async () => {
    const { made, kept, hasNewAuthority } = await make();
    expect(made.map(({ name }) => name)).toEqual(['server', 'a', 'b']);
    expect({ kept, hasNewAuthority }).toEqual({
      kept: [],
      hasNewAuthority: true,
    });
    expect((await readdir(folder)).sort()).toEqual(['a', 'b', 'ca', 'server']);
    expect(await readdir(join(folder, 'ca'))).toEqual(['ca.crt', 'ca.key']);
    expect(await mode('ca', 'ca.key')).toBe('600');
    for (const name of ['server', 'a', 'b']) {
      const files = await readdir(join(folder, name));
      expect(files).toEqual(['ca.crt', 'tls.crt', 'tls.key']);
      expect(await mode(name, 'tls.key')).toBe('600');
      expect(await mode(name)).toBe('700');
    }
  });

  it('signs them with the CA, for the names and days that were asked for', async () => {
    await make();
    const ca = await certificate('ca', 'ca.crt');
    expect(ca.ca).toBe(true);
    for (const name of ['server', 'a', 'b']) {
      const one = await certificate(name, 'tls.crt');
      expect(one.subject).toBe(`CN=${name}`);
      expect(one.ca).toBe(false);
      expect(one.checkIssued(ca) && one.verify(ca.publicKey)).toBe(true);
      expect(one.publicKey.asymmetricKeyDetails).toEqual({
        namedCurve: 'prime256v1',
      });
      const key = createPrivateKey(await text(name, 'tls.key'));
      expect(one.checkPrivateKey(key)).toBe(true);
      const days = (Date.parse(one.validTo) - NOW_MS) / DAY_MS;
      expect(days).toBeCloseTo(30, 3);
      expect(Date.parse(one.validFrom)).toBeLessThan(NOW_MS);
    }
    const server = await certificate('server', 'tls.crt');
    expect(server.subjectAltName).toBe(
      'DNS:a, DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1',
    );
  });

  it('lets openssl verify each for its purpose, and for no other', async (test) => {
    const openssl = await run('openssl', ['version']).catch(() => undefined);
    if (openssl === undefined) test.skip('openssl is not there');
    await make();
    const verify = (purpose: string, name: string) => {
      const ca = ['-x509_strict', '-CAfile', join(folder, 'ca', 'ca.crt')];
      const file = join(folder, name, 'tls.crt');
      return run('openssl', ['verify', ...ca, '-purpose', purpose, file]);
    };
    for (const [purpose, name] of [
      ['sslserver', 'server'],
      ['sslclient', 'server'],
      ['sslclient', 'a'],
      ['sslclient', 'b'],
    ] as const) {
      expect((await verify(purpose, name)).stdout).toMatch(/: OK\n$/);
    }
    await expect(verify('sslserver', 'b')).rejects.toThrow(/purpose/);
  });

  it('refuses to overwrite, and leaves what is there', async () => {
    await make();
    const before = await text('b', 'tls.key');
    await expect(make(['b', 'c'])).rejects.toMatchObject({
      code: 'ERR_CONFIG',
      message: expect.stringContaining(`${join(folder, 'b')};`) as string,
    });
    expect(await text('b', 'tls.key')).toBe(before);
    expect(await readdir(folder)).not.toContain('c');
  });

  it('adds a host with the same CA; the servers keep theirs', async () => {
    await make();
    const before = await text('server', 'tls.crt');
    const { made, kept, hasNewAuthority } = await make(['c']);
    expect(made.map(({ name }) => name)).toEqual(['c']);
    expect(kept.map(({ name }) => name)).toEqual(['server']);
    expect(hasNewAuthority).toBe(false);
    expect(await text('server', 'tls.crt')).toBe(before);
    const ca = await certificate('ca', 'ca.crt');
    const added = await certificate('c', 'tls.crt');
    expect(added.verify(ca.publicKey)).toBe(true);
  });

  it('makes anew what is forced, but never the CA', async () => {
    await make();
    const ca = await text('ca', 'ca.key');
    const before = await text('b', 'tls.crt');
    await chmod(join(folder, 'b', 'tls.key'), 0o644);
    const { made } = await make(['b'], { isForced: true });
    expect(made.map(({ name }) => name)).toEqual(['server', 'b']);
    expect(await text('b', 'tls.crt')).not.toBe(before);
    expect(await mode('b', 'tls.key')).toBe('600');
    expect(await text('ca', 'ca.key')).toBe(ca);
  });

  it('does not sign for longer than the CA is valid', async () => {
    await make();
    await expect(make(['c'], { days: 3651 })).rejects.toMatchObject({
      code: 'ERR_CONFIG',
      message: expect.stringMatching(/expected fewer --days/) as string,
    });
  });

  it('says that half of a CA is none', async () => {
    await make();
    await rm(join(folder, 'ca', 'ca.key'));
    await expect(make(['c'])).rejects.toThrow(/expected ca\.crt and ca\.key/);
  });
});
