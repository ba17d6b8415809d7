import { MusterError } from '@muster/protocol';
import { describe, expect, it } from 'vitest';
import { readSettings } from './read-settings.js';
import type { SettingsInput } from './read-settings.js';

/** Reads with two cores; `files` by path. */
function read(
  given: Partial<SettingsInput> & { files?: Record<string, string> } = {},
) {
  const { files = {}, ...input } = given;
  return readSettings({
    command: 'train',
    flags: {},
    env: {},
    cores: 2,
    readFile: (path) => {
      const text = files[path];
      if (text !== undefined) return text;
      throw Object.assign(new Error('no such file'), { code: 'ENOENT' });
    },
    ...input,
  });
}

/** The message of the ERR_CONFIG that reading throws. */
function complaint(given: Parameters<typeof read>[0]): string {
  try {
    read(given);
  } catch (error) {
    expect(error).toBeInstanceOf(MusterError);
    expect((error as MusterError).code).toBe('ERR_CONFIG');
    return (error as MusterError).message;
  }
  return 'nothing was thrown';
}

describe('readSettings', () => {
  it('has a default for everything that needs one', () => {
    expect(read()).toEqual({
      command: 'train',
      given: [],
      epochs: 4,
      globalBatch: 256,
      microBatches: 4,
      optimizer: 'adam',
      learningRate: 0.004,
      schedule: 'cosine',
      warmup: 0.1,
      momentum: 0.9,
      beta1: 0.9,
      beta2: 0.999,
      epsilon: 1e-7,
      wire: 'float32',
      seed: 1,
      backend: 'auto',
      consistency: 'sync',
      staleness: 4,
      maxStaleness: 100,
      stalenessScaling: 'auto',
      localSteps: 8,
      outerOptimizer: 'nesterov',
      outerLearningRate: 1,
      outerMomentum: 0.5,
      workers: 2,
      expectWorkers: 0,
      servers: 1,
      standby: 0,
      maxRestarts: 10,
      server: undefined,
      listen: { host: '127.0.0.1', port: 0 },
      tokenFile: undefined,
      insecure: false,
      cacheDir: undefined,
      dataBytesPerSecond: 100_000_000,
      leaseMs: 5000,
      heartbeatMs: 1000,
      stragglerFactor: 2,
      connectTimeoutMs: 60_000,
      metrics: true,
      metricsListen: { host: '127.0.0.1', port: 0 },
      metricsHosts: undefined,
      metricsTokenFile: undefined,
      dashboardPort: 'auto',
      port: 0,
      maxConnections: 1024,
      maxConnectionsPerAddress: 256,
      handshakeTimeoutMs: 2000,
      maxFailedLogins: 30,
      minBytesPerSecond: 1024,
      data: undefined,
      out: './runs',
      resume: undefined,
      checkpointEvery: 200,
      config: undefined,
      logLevel: 'info',
      tensorboard: false,
      report: true,
      json: false,
    });
  });

  it('takes flags over environment over file over base over default', () => {
    const files = { 'c.yaml': 'seed: 3', 'base.yaml': 'seed: 2' };
    const flags = { seed: '5' };
    const env = { MUSTER_SEED: '4', MUSTER_CONFIG: 'c.yaml' };
    const config = { MUSTER_CONFIG: 'c.yaml' };
    const base = 'base.yaml';
    expect(read({ base, files, flags, env }).seed).toBe(5);
    expect(read({ base, files, env }).seed).toBe(4);
    expect(read({ base, files, env: config }).seed).toBe(3);
    expect(read({ base, files }).seed).toBe(2);
    expect(read({ files }).seed).toBe(1);
  });

  it('takes the file of --config over that of MUSTER_CONFIG', () => {
    const files = { a: 'seed: 10', b: 'seed: 20' };
    const settings = read({
      files,
      flags: { config: 'a' },
      env: { MUSTER_CONFIG: 'b' },
    });
    expect(settings).toMatchObject({ seed: 10, config: 'a' });
  });

  it('tells what was given, wherever, but for the base', () => {
    const settings = read({
      files: { c: 'epochs: 5', b: 'out: x' },
      base: 'b',
      flags: { seed: '1', config: 'c' },
      env: { MUSTER_DATA: 'd' },
    });
    const names = ['config', 'data', 'epochs', 'seed'];
    expect([...settings.given].sort()).toEqual(names);
  });

  it('is frozen to the ground', () => {
    const settings = read();
    expect(Object.isFrozen(settings)).toBe(true);
    expect(Object.isFrozen(settings.listen)).toBe(true);
    expect(Object.isFrozen(settings.given)).toBe(true);
  });

  it('gives a hand-started server a port that can be told to others', () => {
    expect(read({ command: 'server' }).listen.port).toBe(7070);
  });

  it('takes one worker a core, but no more than micro-batches', () => {
    expect(read({ cores: 3 }).workers).toBe(3);
    expect(read({ cores: 64 }).workers).toBe(4);
    expect(read({ cores: 64, flags: { workers: '9' } }).workers).toBe(9);
  });

  it('takes a switch and passes over options that are no settings', () => {
    const flags = { json: true, index: '7' };
    expect(read({ flags })).toMatchObject({ json: true });
  });

  it('counts an empty variable and an empty value as not set', () => {
    const settings = read({
      files: { c: 'epochs:\nout: ""\n' },
      env: { MUSTER_SEED: '', MUSTER_CONFIG: 'c' },
    });
    expect(settings).toMatchObject({ seed: 1, epochs: 4, out: './runs' });
  });

  it('lets variables be that are reserved or not ours', () => {
    const env = {
      MUSTER_NATIVE: 'wheel',
      MUSTER_KERNELS: 'wasm',
      HOME: '/root',
    };
    expect(read({ env })).toEqual(read());
  });
});

describe('what is wrong is told', () => {
  it('all at once', () => {
    const message = complaint({
      flags: { epochs: 'five', globalBatch: '0', config: 'run.yaml' },
      env: { MUSTER_WOKERS: '2', MUSTER_SEED: '-1' },
      files: { 'run.yaml': '# mine\nlearning-rat: 1\nservers: 33\n' },
    });
    expect(message).toBe(
      [
        '6 problems with the settings:',
        'MUSTER_WOKERS: expected a known setting (did you mean MUSTER_WORKERS?) (from the environment)',
        'learning-rat: expected a known setting (did you mean learning-rate?) (from run.yaml line 2)',
        "--epochs: expected a whole number from 1 to 1000000, got 'five' (from the command line)",
        "--global-batch: expected a whole number from 1 to 1048576, got '0' (from the command line)",
        "--seed: expected a whole number from 0 to 4294967295, got '-1' (from MUSTER_SEED)",
        "--servers: expected a whole number from 1 to 32, got '33' (from run.yaml line 3)",
      ].join('\n  '),
    );
  });

  it('in one line where it is one', () => {
    expect(complaint({ flags: { consistency: 'never' } })).toBe(
      "--consistency: expected sync or bounded or async or local, got 'never' (from the command line)",
    );
  });

  it('without the value of an unknown variable, which may be a secret', () => {
    expect(complaint({ env: { MUSTER_TOKEN_FIL: 'geheim' } })).toBe(
      'MUSTER_TOKEN_FIL: expected a known setting (did you mean MUSTER_TOKEN_FILE?) (from the environment)',
    );
  });

  it('without the password of a URL', () => {
    const flags = { server: 'ws://me:geheim@host:1' };
    expect(complaint({ command: 'worker', flags })).toBe(
      "--server: expected ws://HOST:PORT or wss://HOST:PORT, got 'ws://***@host:1' (from the command line)",
    );
  });

  it('with long values cut', () => {
    const message = complaint({ flags: { seed: 'x'.repeat(500) } });
    expect(message).toContain(`got '${'x'.repeat(80)}...'`);
  });
});

describe('the YAML file', () => {
  const yaml = (text: string, readable = true) =>
    complaint({
      flags: { config: 'c.yaml' },
      files: readable ? { 'c.yaml': text } : {},
    });

  it('is named if it cannot be read', () => {
    expect(yaml('', false)).toBe(
      "--config: expected a file that can be read, got 'c.yaml' (ENOENT)",
    );
  });

  it('is named with the line if it is no YAML', () => {
    expect(yaml('seed: 1\nout: [')).toMatch(
      /^c\.yaml: expected YAML: .+ \(from c\.yaml line 2\)$/,
    );
  });

  it('says a setting once', () => {
    expect(yaml('seed: 1\nseed: 2\n')).toMatch(
      /^c\.yaml: expected YAML: .*unique.* \(from c\.yaml line 2\)$/,
    );
  });

  it('is one map of single values', () => {
    expect(yaml('- seed')).toBe(
      'c.yaml: expected settings, one `key: value` a line',
    );
    expect(yaml('seed: [1, 2]')).toBe(
      "--seed: expected one value, got 'a list' (from c.yaml line 1)",
    );
    expect(yaml('\nseed: {a: 1}')).toBe(
      "--seed: expected one value, got 'a map' (from c.yaml line 2)",
    );
  });

  it('names no other file', () => {
    expect(yaml('config: d.yaml')).toMatch(/^config: expected a known setting/);
  });

  it('takes a value as the text that stands there', () => {
    const files = { c: 'data: 0123\nresume: &run 1e3\nout: *run\njson: yes' };
    expect(read({ files, flags: { config: 'c' } })).toMatchObject({
      data: '0123',
      resume: '1e3',
      out: '1e3',
      json: true,
    });
  });

  it.each(['', '# nothing\n', '---\n'])('may be empty: %j', (text) => {
    const settings = read({ files: { c: text }, flags: { config: 'c' } });
    expect(settings.seed).toBe(1);
  });
});

describe('relations', () => {
  it('cuts a step into equal micro-batches', () => {
    const flags = { globalBatch: '250' };
    expect(complaint({ flags })).toBe(
      "--global-batch: expected a multiple of --micro-batches 4, got '250' (from the command line)",
    );
    expect(read({ flags: { ...flags, microBatches: '5' } }).globalBatch).toBe(
      250,
    );
  });

  it('wants two heartbeats in a lease', () => {
    expect(complaint({ flags: { leaseMs: '1999' } })).toBe(
      "--heartbeat-ms: expected at most half of --lease-ms 1999, got '1000' (the default)",
    );
    expect(read({ flags: { leaseMs: '2000' } }).leaseMs).toBe(2000);
  });

  it('has standbys where every step is applied whole', () => {
    for (const consistency of ['bounded', 'async']) {
      const flags = { standby: '1', consistency };
      expect(complaint({ flags })).toBe(
        `--standby: expected 0 with --consistency ${consistency} (a standby needs sync or local), got '1' (from the command line)`,
      );
      expect(read({ flags: { consistency } }).standby).toBe(0);
    }
    for (const consistency of ['sync', 'local']) {
      const flags = { standby: '1', consistency };
      expect(read({ flags, command: 'server' }).standby).toBe(1);
    }
  });

  it('lets other machines in: a run has a token of its own', () => {
    const flags = { listen: '0.0.0.0:7070' };
    expect(read({ flags }).listen).toEqual({ host: '0.0.0.0', port: 7070 });
  });

  it('wants a token of its own for metrics', () => {
    const flags = { tokenFile: 't', metricsTokenFile: 't' };
    expect(complaint({ flags })).toBe(
      "--metrics-token-file: expected another file than --token-file t, got 't' (from the command line)",
    );
    expect(
      read({ flags: { ...flags, metricsTokenFile: 'm' } }).metricsTokenFile,
    ).toBe('m');
  });

  it('leaves the server to the worker, which an engine may tell it', () => {
    expect(read({ command: 'worker' }).server).toBeUndefined();
    const flags = { server: 'ws://10.0.0.1:7070' };
    expect(read({ command: 'worker', flags }).server).toBe(flags.server);
  });

  it('is not checked where a value is not valid by itself', () => {
    const flags = { globalBatch: '250', microBatches: 'x' };
    expect(complaint({ flags })).toMatch(/^--micro-batches/);
  });

  it('is not checked by commands that do not take the setting', () => {
    const env = { MUSTER_LISTEN: '0.0.0.0:1', MUSTER_GLOBAL_BATCH: '250' };
    expect(read({ command: 'runs', env }).out).toBe('./runs');
  });
});

describe('warnings', () => {
  it('name settings that were given and have no effect', () => {
    const warnings: string[] = [];
    read({
      flags: { momentum: '0.5', beta1: '0.8' },
      env: { MUSTER_SCHEDULE: 'constant', MUSTER_WARMUP: '0.2' },
      warn: (message) => warnings.push(message),
    });
    expect(warnings).toEqual([
      '--warmup (from MUSTER_WARMUP) has no effect without --schedule cosine',
      '--momentum (from the command line) has no effect without --optimizer momentum',
    ]);
  });

  it('name the first thing that is missing on the way', () => {
    const warningsOf = (flags: Record<string, string>) => {
      const warnings: string[] = [];
      const warn = (message: string) => warnings.push(message);
      read({ flags: { ...flags, outerMomentum: '0.5' }, warn });
      return warnings;
    };
    const outer = { outerOptimizer: 'nesterov' };
    const average = { outerOptimizer: 'average' };
    expect(warningsOf({ ...outer, consistency: 'local' })).toEqual([]);
    expect(warningsOf({ ...average, consistency: 'local' })).toEqual([
      '--outer-momentum (from the command line) has no effect without --outer-optimizer nesterov',
    ]);
    expect(warningsOf({ ...outer, staleness: '3' })).toEqual([
      '--staleness (from the command line) has no effect without --consistency bounded',
      '--outer-optimizer (from the command line) has no effect without --consistency local',
      '--outer-momentum (from the command line) has no effect without --consistency local',
    ]);
  });

  it('keep quiet about what the run itself was started with', () => {
    const warnings: string[] = [];
    read({
      base: 'b',
      files: { b: 'beta1: 0.8' },
      flags: { optimizer: 'sgd' },
      warn: (message) => warnings.push(message),
    });
    expect(warnings).toEqual([]);
  });
});
