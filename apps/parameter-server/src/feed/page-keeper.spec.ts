import { describe, expect, it } from 'vitest';
import { dashboardPort } from './page-keeper.js';

describe('dashboardPort', () => {
  const port = (choice: number | 'auto' | 'off', host: string, login = false) =>
    dashboardPort({ PS_DASHBOARD_PORT: choice, PS_METRICS_HOST: host }, login);

  it('serves this machine, and others with a token alone', () => {
    expect(port('auto', '127.0.0.1')).toBe(0);
    expect(port('auto', '0.0.0.0')).toBeUndefined();
    expect(port('auto', '0.0.0.0', true)).toBe(0);
    expect(port(8080, '::1')).toBe(8080);
    expect(port(8080, '0.0.0.0', true)).toBe(8080);
    expect(port('off', '127.0.0.1', true)).toBeUndefined();
  });

  it('refuses to serve everybody, and says what to turn', () => {
    expect(() => port(8080, '0.0.0.0')).toThrow(/--metrics-token-file/);
  });
});
