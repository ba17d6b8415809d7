import { describe, expect, it } from 'vitest';
import { readConfig, withEnginePlace } from './config.js';

describe('readConfig', () => {
  it('fills in the defaults and ignores what is not its own', () => {
    const config = readConfig({ PS_RUN: '/run', HOME: '/root' });
    expect(config).toEqual({
      PS_RUN: '/run',
      PS_SHARD: 0,
      PS_SHARDS: 1,
      PS_COORDINATOR: [],
      PS_ROLE: 'primary',
      PS_PRIMARY: [],
      PS_ADVERTISE: 'own',
      PS_HOST: '127.0.0.1',
      PS_PORT: 0,
      PS_MAX_CONNECTIONS: 1024,
      PS_MAX_CONNECTIONS_PER_ADDRESS: 256,
      PS_HANDSHAKE_TIMEOUT_MS: 2000,
      PS_MAX_FAILED_LOGINS: 30,
      PS_MIN_BYTES_PER_SECOND: 1024,
      PS_CHECKPOINT_EVERY: 200,
      PS_LEASE_MS: 5000,
      PS_HEARTBEAT_MS: 1000,
      PS_STRAGGLER_FACTOR: 2,
      PS_DATA_BYTES_PER_SECOND: 100_000_000,
      PS_LOG_LEVEL: 'info',
      PS_EXPECTED_WORKERS: 0,
      PS_METRICS: true,
      PS_METRICS_HOST: '127.0.0.1',
      PS_METRICS_PORT: 0,
      PS_DASHBOARD_PORT: 'off',
      PS_AFTER_END: 'exit',
      PS_TENSORBOARD: false,
      PS_METRICS_HOSTS: [],
    });
    expect(Object.isFrozen(config)).toBe(true);
  });

  it('lists every problem at once', () => {
    const env = { PS_PORT: '70000', PS_LOG_LEVEL: 'loud', PS_PROT: '1' };
    expect(() => readConfig(env)).toThrow(
      /PS_RUN.*PS_PORT.*PS_LOG_LEVEL.*PS_PROT/,
    );
  });

  it('checks that heartbeats fit into a lease', () => {
    const env = { PS_RUN: '/r', PS_LEASE_MS: '100', PS_HEARTBEAT_MS: '51' };
    expect(() => readConfig(env)).toThrow(
      'PS_HEARTBEAT_MS must be at most half of PS_LEASE_MS',
    );
  });

  it('takes several addresses, and says whom a server must know', () => {
    const env = { PS_RUN: '/r', PS_SHARD: '1', PS_SHARDS: '2' };
    expect(() => readConfig(env)).toThrow('PS_COORDINATOR must be given');
    const PS_COORDINATOR = 'ws://a:1,ws://b:2';
    expect(readConfig({ ...env, PS_COORDINATOR }).PS_COORDINATOR).toEqual([
      'ws://a:1',
      'ws://b:2',
    ]);
    expect(() => readConfig({ PS_RUN: '/r', PS_SHARD: '1' })).toThrow(
      'PS_SHARD must be below PS_SHARDS',
    );
    expect(() => readConfig({ PS_RUN: '/r', PS_ROLE: 'standby' })).toThrow(
      'PS_PRIMARY must be given to a standby',
    );
  });

  it('takes the address under which others reach the server', () => {
    const read = (PS_ADVERTISE: string) =>
      readConfig({ PS_RUN: '/r', PS_ADVERTISE }).PS_ADVERTISE;
    for (const how of ['own', 'ask', 'ws://server-1:7070', 'wss://[::1]:1']) {
      expect(read(how)).toBe(how);
    }
    for (const wrong of ['', 'server:7070', 'http://a:1', 'ws://a:1/path']) {
      expect(() => read(wrong)).toThrow(
        'PS_ADVERTISE: expected own, ask, or an address: ws://host:port',
      );
    }
  });
});

describe('withEnginePlace', () => {
  const pod = { KUBERNETES_SERVICE_HOST: '10.0.0.1', HOSTNAME: 'ps-2' };

  it('takes the rank for the shard where there are several', () => {
    const env = { PS_RUN: '/r', PS_SHARDS: '3', ...pod };
    expect(withEnginePlace(env)).toEqual({ ...env, PS_SHARD: '2' });
    const told = { ...env, PS_SHARD: '1' };
    expect(withEnginePlace(told)).toBe(told);
  });

  it('leaves the only server what it is', () => {
    const env = { PS_RUN: '/r', ...pod };
    expect(withEnginePlace(env)).toBe(env);
  });
});
