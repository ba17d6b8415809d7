import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readSettings } from './read-settings.js';
import type { Settings } from './read-settings.js';
import { toYaml } from './to-yaml.js';

function fromYaml(text: string): Settings {
  return readSettings({
    command: 'train',
    flags: {},
    env: { MUSTER_CONFIG: 'config.yaml' },
    readFile: () => text,
    cores: 2,
  });
}

function fromFlags(flags: Record<string, unknown>): Settings {
  const readFile = () => '';
  return readSettings({ command: 'train', flags, env: {}, readFile, cores: 2 });
}

describe('toYaml', () => {
  it('writes what was used, in the order of the table', () => {
    const flags = { resume: 'r1', json: true, insecure: true, seed: '7' };
    expect(toYaml(fromFlags(flags))).toBe(
      [
        'epochs: 4',
        'global-batch: 256',
        'micro-batches: 4',
        'optimizer: adam',
        'learning-rate: 0.004',
        'schedule: cosine',
        'warmup: 0.1',
        'beta1: 0.9',
        'beta2: 0.999',
        'epsilon: 1e-7',
        'wire: float32',
        'seed: 7',
        'backend: auto',
        'consistency: sync',
        'workers: 2',
        'servers: 1',
        'standby: 0',
        'max-restarts: 10',
        'listen: 127.0.0.1:0',
        'insecure: on',
        'data-bytes-per-second: 100000000',
        'lease-ms: 5000',
        'heartbeat-ms: 1000',
        'straggler-factor: 2',
        'metrics: on',
        'metrics-listen: 127.0.0.1:0',
        'dashboard-port: auto',
        'max-connections: 1024',
        'max-connections-per-address: 256',
        'handshake-timeout-ms: 2000',
        'max-failed-logins: 30',
        'min-bytes-per-second: 1024',
        'out: ./runs',
        'checkpoint-every: 200',
        'log-level: info',
        'tensorboard: off',
        '',
      ].join('\n'),
    );
  });

  it('leaves out what depends on a value that is left out', () => {
    const yaml = (flags: object) =>
      toYaml(fromFlags({ ...flags, outerLearningRate: '0.5' }));
    const outer = { outerOptimizer: 'nesterov' };
    expect(yaml(outer)).not.toContain('outer');
    expect(
      yaml({ outerOptimizer: 'average', consistency: 'local' }),
    ).not.toContain('rate: 0.5');
    expect(yaml({ ...outer, consistency: 'local' })).toContain(
      [
        'consistency: local',
        'local-steps: 8',
        'outer-optimizer: nesterov',
        'outer-learning-rate: 0.5',
        'outer-momentum: 0.5',
      ].join('\n'),
    );
  });

  it('gives the same settings when it is read again', () => {
    const path = fc
      .string({ minLength: 1, unit: 'grapheme' })
      .filter((text) => !text.includes('\u0000'));
    const number = fc.double({ min: 1e-12, max: 0.999, noNaN: true });
    const given = fc.record(
      {
        data: path,
        out: path,
        tokenFile: path,
        learningRate: number.map(String),
        epsilon: number.map(String),
        seed: fc.integer({ min: 0, max: 4_294_967_295 }).map(String),
        optimizer: fc.constantFrom('adam', 'sgd', 'momentum'),
        listen: fc.constantFrom('[::1]:7', 'localhost:0'),
        insecure: fc.boolean(),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(given, (flags) => {
        const text = toYaml(fromFlags(flags));
        const again = fromYaml(text);
        expect(toYaml(again)).toBe(text);
        const { epsilon, ...sure } = fromFlags(flags);
        const isUsed = sure.optimizer === 'adam';
        expect(again).toEqual({
          ...sure,
          epsilon: isUsed ? epsilon : 1e-7,
          config: 'config.yaml',
          given: again.given,
        });
      }),
    );
  });
});
