import { describe, expect, it } from 'vitest';
import { hostNameOf, mayBeNamed, namesIn } from './peer-certificate.js';

const subject = { CN: 'host-b' };

describe('namesIn', () => {
  it('gives the common name, then the DNS names, each once', () => {
    const subjectaltname = 'DNS:b.lan, IP Address:10.0.0.2, DNS:host-b';
    expect(namesIn({ subject, subjectaltname })).toEqual(['host-b', 'b.lan']);
  });

  it.each([
    ['no name', '', undefined],
    ['a name that is a text', 'a b', undefined],
    ['names in the clothes of others', '', 'URI:http://x/, DNS:y"'],
    ['a quoted name, as Node writes what could be two', '', 'DNS:"a, DNS:b"'],
  ])('passes over %s', (_, CN, subjectaltname) => {
    expect(namesIn({ subject: { CN }, subjectaltname })).toEqual([]);
  });

  it('takes several common names, as Node gives them', () => {
    const several = { CN: ['a', 'b'] };
    expect(namesIn({ subject: several })).toEqual(['a', 'b']);
  });
});

describe('mayBeNamed', () => {
  const certificate = {
    ...{ names: ['host-b', 'b.lan'], isOwn: false, isServer: false },
  };

  it.each([
    ['host-b', true],
    ['host-b-0', true],
    ['host-b-1a2b3c4d', true],
    ['b.lan-3', true],
    ['host-bc', false],
    ['host-b-', false],
    ['host-b-0-1', false],
    ['host-b-X', false],
    ['host-', false],
    ['host-a', false],
    ['my-host-b', false],
    ['', false],
  ])('%s: %s', (workerId, expected) => {
    expect(mayBeNamed(certificate, workerId)).toBe(expected);
  });

  it("takes every name with the server's own certificate", () => {
    expect(mayBeNamed({ ...certificate, isOwn: true }, 'worker-0')).toBe(true);
  });
});

describe('hostNameOf', () => {
  const long = 'x'.repeat(56);

  it('gives the first name that leaves room for a suffix', () => {
    const name = hostNameOf([long, 'host-b', 'b.lan']);
    expect(name).toBe('host-b');
    expect(`${'y'.repeat(55)}-1a2b3c4d`).toHaveLength(64);
  });

  it('says that there is none', () => {
    expect(() => hostNameOf([long])).toThrow(/at most 55 long \(--tls-cert\)/);
  });
});
