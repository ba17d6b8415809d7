import { describe, expect, it } from 'vitest';
import { readConfig, withEnginePlace } from './config.js';

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
      WORKER_METRICS_HOSTS: [],
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

describe('withEnginePlace', () => {
  it('names a worker by its rank, so that it is known again', () => {
    const env = { WORKER_SERVER: 'ws://ps:7070', JOB_COMPLETION_INDEX: '4' };
    expect(withEnginePlace(env)).toEqual({ ...env, WORKER_ID: 'worker-4' });
  });

  it('looks for the server where the engine says, unless told', () => {
    const torchrun = { RANK: '0', WORLD_SIZE: '2', MASTER_ADDR: 'head' };
    const { WORKER_SERVER } = withEnginePlace(torchrun);
    expect(WORKER_SERVER).toBe('ws://head:7070');
    const secure = { ...torchrun, WORKER_TLS_CA: 'ca.crt' };
    expect(withEnginePlace(secure)['WORKER_SERVER']).toBe('wss://head:7070');
    const told = { ...torchrun, WORKER_SERVER: 'ws://ps:1' };
    expect(withEnginePlace(told)['WORKER_SERVER']).toBe('ws://ps:1');
  });

  it('asks no engine where both are told', () => {
    const env = { ...NEEDED, JOB_COMPLETION_INDEX: 'broken' };
    expect(withEnginePlace(env)).toBe(env);
  });

  it('makes up a name, another one each time, where nobody gives one', () => {
    const names = [1, 2].map(() => withEnginePlace({})['WORKER_ID']);
    expect(names[0]).toMatch(/^worker-[0-9a-f]{8}$/);
    expect(names[0]).not.toBe(names[1]);
  });
});
