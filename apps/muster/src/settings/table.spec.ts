import { listenerLimits } from '@muster/transport';
import { describe, expect, it } from 'vitest';
import { LIMIT_SETTINGS } from './limit-settings.js';
import { flagOf } from './names.js';
import { COMMANDS, SETTINGS, SETTING_ENTRIES, fallbackOf } from './table.js';

describe('the table of settings', () => {
  it('keeps its names: scripts and files are written against them', () => {
    expect(SETTING_ENTRIES.map(([name]) => flagOf(name))).toEqual([
      '--epochs',
      '--global-batch',
      '--micro-batches',
      '--optimizer',
      '--learning-rate',
      '--schedule',
      '--warmup',
      '--momentum',
      '--beta1',
      '--beta2',
      '--epsilon',
      '--wire',
      '--seed',
      '--backend',
      '--consistency',
      '--staleness',
      '--max-staleness',
      '--staleness-scaling',
      '--local-steps',
      '--outer-optimizer',
      '--outer-learning-rate',
      '--outer-momentum',
      '--workers',
      '--expect-workers',
      '--servers',
      '--standby',
      '--max-restarts',
      '--server',
      '--worker-id',
      '--connect-timeout-ms',
      '--listen',
      '--token-file',
      '--tls-cert',
      '--tls-key',
      '--tls-ca',
      '--insecure',
      '--data-bytes-per-second',
      '--lease-ms',
      '--heartbeat-ms',
      '--straggler-factor',
      '--metrics',
      '--metrics-listen',
      '--dashboard-port',
      '--port',
      '--metrics-hosts',
      '--metrics-token-file',
      '--max-connections',
      '--max-connections-per-address',
      '--handshake-timeout-ms',
      '--max-failed-logins',
      '--min-bytes-per-second',
      '--data',
      '--cache-dir',
      '--out',
      '--resume',
      '--checkpoint-every',
      '--config',
      '--log-level',
      '--tensorboard',
      '--report',
      '--json',
    ]);
  });

  it.each(SETTING_ENTRIES)('%s has valid defaults', (_, setting) => {
    for (const command of COMMANDS) {
      const fallback = fallbackOf(setting, command);
      if (fallback === undefined) continue;
      expect(setting.kind.schema.safeParse(fallback).success).toBe(true);
    }
  });

  it('has the limits of the transport as defaults', () => {
    const limits = new Map(Object.entries(listenerLimits()));
    const numeric = Object.entries(LIMIT_SETTINGS).flatMap(([name, setting]) =>
      'fallback' in setting ? [[name, Number(setting.fallback)] as const] : [],
    );
    expect(numeric).toHaveLength(5);
    for (const [name, value] of numeric) expect(value).toBe(limits.get(name));
  });

  it.each(SETTING_ENTRIES)('%s has one sentence of help', (_, { help }) => {
    expect(help).toMatch(/^[A-Z][^\n|]*\.$/);
  });

  it.each(SETTING_ENTRIES)('%s is a switch only if off by default', (_, of) => {
    if (of.placeholder !== undefined) return;
    expect(of.kind.values).toBe('on or off');
    expect(of.fallback).toBe('off');
  });

  it.each(SETTING_ENTRIES)('%s depends on values that exist', (_, of) => {
    const [name, ...values] = of.usedWith ?? [];
    if (name === undefined) return;
    const other = SETTINGS[name as keyof typeof SETTINGS];
    expect(values).not.toHaveLength(0);
    for (const value of values) {
      expect(other.kind.schema.safeParse(value).success).toBe(true);
    }
  });
});
