import { describe, expect, it } from 'vitest';
import { FailedLogins } from './failed-logins.js';

describe('FailedLogins', () => {
  it('blocks an address at the limit, until its window is over', () => {
    const logins = new FailedLogins(2, 1000);
    logins.failed('10.0.0.1', 100);
    expect(logins.blockedMs('10.0.0.1', 200)).toBe(0);
    logins.failed('10.0.0.1', 300);
    // the window began with the first failure: 100 + 1000 - 400
    expect(logins.blockedMs('10.0.0.1', 400)).toBe(700);
    expect(logins.blockedMs('10.0.0.2', 400)).toBe(0);
    expect(logins.blockedMs('10.0.0.1', 1100)).toBe(0);
  });

  it('forgets what is older than a window', () => {
    const logins = new FailedLogins(2, 1000);
    logins.failed('10.0.0.1', 0);
    logins.failed('10.0.0.1', 1000);
    expect(logins.blockedMs('10.0.0.1', 1001)).toBe(0);
  });

  it('counts the addresses of one IPv6 network together', () => {
    const logins = new FailedLogins(2, 1000);
    logins.failed('2001:db8::1', 0);
    logins.failed('2001:db8::2', 0);
    expect(logins.blockedMs('2001:db8::3', 0)).toBe(1000);
  });

  it('remembers 4096 addresses, the newest', () => {
    const logins = new FailedLogins(1, 1000);
    for (let i = 0; i < 5000; i++) {
      logins.failed(`10.0.${i >> 8}.${i & 255}`, i / 100);
    }
    expect(logins.size).toBe(4096);
    expect(logins.blockedMs('10.0.0.0', 50)).toBe(0);
    expect(logins.blockedMs('10.0.19.135', 50)).toBeGreaterThan(0);
  });
});
