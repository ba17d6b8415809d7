import { describe, expect, it } from 'vitest';
import { createLogin } from './login.js';

describe('createLogin', () => {
  it('looks at no token any more once an address has failed too often', () => {
    const tokens = { worker: 'w', dashboard: 'd' };
    const login = createLogin('dashboard', tokens, { maxFailedLogins: 2 });
    const at = '10.0.0.1';
    expect(login('Bearer d', at)).toBe('ok');
    expect(login('Bearer w', at)).toBe('other-role');
    expect(login('Bearer x', at)).toBe('wrong');
    expect(login(undefined, at)).toBe('missing');
    expect(login('Bearer d', at)).toBe('blocked');
    expect(login('Bearer d', '10.0.0.2')).toBe('ok');
  });
});
