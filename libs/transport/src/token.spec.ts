import { describe, expect, it } from 'vitest';
import { ROLES, createTokenCheck } from './token.js';

const tokens = { worker: 'w0rk', dashboard: 'd4sh', admin: '4dmin' };

describe('createTokenCheck', () => {
  it.each(ROLES)('admits a %s by its own token and no other', (role) => {
    const check = createTokenCheck(role, tokens);
    for (const other of ROLES) {
      const verdict = other === role ? 'ok' : 'other-role';
      expect(check(`Bearer ${tokens[other]}`)).toBe(verdict);
    }
    expect(check('Bearer guess')).toBe('wrong');
    expect(check(`Bearer ${tokens[role]}x`)).toBe('wrong');
    expect(check(`Bearer ${tokens[role].slice(1)}`)).toBe('wrong');
  });

  it.each([undefined, '', 'Bearer', 'Bearer ', 'Basic w0rk', 'w0rk'])(
    'finds no token in %j',
    (header) => {
      expect(createTokenCheck('worker', tokens)(header)).toBe('missing');
    },
  );

  it('lets anybody in where the role has no token', () => {
    const check = createTokenCheck('dashboard', { worker: 'w0rk' });
    expect([check(undefined), check('Bearer x')]).toEqual(['ok', 'ok']);
  });

  it('refuses one token for two roles', () => {
    const same = { worker: 't', dashboard: 't' };
    expect(() => createTokenCheck('worker', same)).toThrow(
      'one token for two roles: expected different ones (--token-file and --metrics-token-file)',
    );
  });

  it.each(['', 'two words', 'k\u00f6y', 'a\n'])(
    'refuses %j, which no header carries, and does not show it',
    (token) => {
      expect(() => createTokenCheck('worker', { worker: token })).toThrow(
        'token not usable: expected 1 to 1024 visible ASCII characters without spaces',
      );
    },
  );
});
