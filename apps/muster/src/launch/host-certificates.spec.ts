import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeCertificates } from '../certs/certificate-folder.js';
import { machinesFor } from '../certs/machines.js';
import { HostCertificates } from './host-certificates.js';

const [a, b, c] = [
  { name: 'a', slots: 1 },
  { name: 'b', slots: 2 },
  { name: 'c', slots: 0 },
];
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'muster-certs-'));
  const machines = machinesFor([a, b], ['a']);
  const nowMs = Date.now();
  await makeCertificates({ machines, folder, days: 1, isForced: false, nowMs });
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('HostCertificates', () => {
  it('gives each host its own, and the servers theirs to one', () => {
    const all = new HostCertificates(folder, [a, b, c]);
    const [ofA, ofB] = [all.of(a, true), all.of(b, false)];
    expect(ofA.serverTls?.key).toContain('PRIVATE KEY');
    expect(ofB.serverTls).toBeUndefined();
    expect(ofB.workerTls?.ca).toBe(ofA.workerTls?.ca);
    const keys = [ofA.serverTls, ofA.workerTls, ofB.workerTls].map(
      (tls) => tls?.key,
    );
    expect(new Set(keys).size).toBe(3);
    // a host without workers shows nothing
    expect(all.of(c, false)).toEqual({});
  });

  it('gives nothing where none were asked for', () => {
    expect(new HostCertificates(undefined, [a]).of(a, true)).toEqual({});
  });

  it('tells of a host that has none', () => {
    const d = { name: 'd', slots: 1 };
    expect(() => new HostCertificates(folder, [a, d])).toThrow(
      expect.objectContaining({ code: 'ERR_CONFIG' }),
    );
  });
});
