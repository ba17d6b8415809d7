import { describe, expect, it } from 'vitest';
import { readConfig } from './config.js';

const NEEDED = { WORKER_SERVER: 'ws://127.0.0.1:7070', WORKER_ID: 'w-1' };

describe('readConfig', () => {
  it('fills in the defaults and ignores what is not its own', () => {
    expect(readConfig({ ...NEEDED, HOME: '/root' })).toEqual({
      ...NEEDED,
      WORKER_SERVER: ['ws://127.0.0.1:7070'],
      WORKER_BACKEND: 'auto',
      WORKER_CONNECT_TIMEOUT_MS: 60_000,
      WORKER_LOG_LEVEL: 'info',
      WORKER_METRICS: true,
      WORKER_METRICS_HOST: '127.0.0.1',
      WORKER_METRICS_PORT: 0,
    });
  });

  it('lists every problem at once, unknown names too', () => {
    const env = { WORKER_ID: 'a b', WORKER_BACKEND: 'gpu', WORKER_SERVR: 'x' };
    expect(() => readConfig(env)).toThrow(
      /WORKER_SERVER.*WORKER_ID.*WORKER_BACKEND.*WORKER_SERVR/,
    );
  });

  it.each(['true', 'false'])('reads the switch %s', (text) => {
    const config = readConfig({ ...NEEDED, WORKER_METRICS: text });
    expect(config.WORKER_METRICS).toBe(text === 'true');
  });

  it('takes the addresses of a server and its standby', () => {
    const env = { ...NEEDED, WORKER_SERVER: 'ws://a:1,ws://b:2' };
    expect(readConfig(env).WORKER_SERVER).toEqual(['ws://a:1', 'ws://b:2']);
  });
});
