import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isLoopback } from '../settings/relations.js';
import { readSettings } from '../settings/read-settings.js';
import type { CommandName } from '../settings/table.js';
import { exposures, launchToken, makeTokenFiles } from './token-files.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'muster-tokens-'));
});
afterEach(() => rm(folder, { recursive: true }));

function settings(
  flags: Readonly<Record<string, unknown>>,
  command: CommandName = 'train',
) {
  const server = command === 'worker' ? { server: 'ws://a:1' } : {};
  const input = { command, flags: { ...server, ...flags }, env: {}, cores: 1 };
  return readSettings({ ...input, readFile: () => '' });
}

describe('makeTokenFiles', () => {
  it('makes what is not there, for the owner alone, and says so once', async () => {
    const tokenFile = join(folder, 'token');
    const metricsTokenFile = join(folder, 'metrics');
    const given = settings({ tokenFile, metricsTokenFile });
    const said: string[] = [];
    await makeTokenFiles(given, (text) => said.push(text));
    expect(said).toEqual([
      `made a token in ${tokenFile} (--token-file)`,
      `made a token in ${metricsTokenFile} (--metrics-token-file)`,
    ]);
    const tokens = await Promise.all(
      [tokenFile, metricsTokenFile].map(async (path) => {
        expect((await stat(path)).mode & 0o777).toBe(0o600);
        return readFile(path, 'utf8');
      }),
    );
    expect(tokens[0]).not.toBe(tokens[1]);
    await makeTokenFiles(given, (text) => said.push(text));
    expect(said).toHaveLength(2);
    expect(await readFile(tokenFile, 'utf8')).toBe(tokens[0]);
    for (const token of tokens) expect(said.join()).not.toContain(token.trim());
  });

  it('makes a worker no token for its server', async () => {
    const tokenFile = join(folder, 'token');
    const given = settings({ tokenFile }, 'worker');
    await makeTokenFiles(given, () => undefined);
    await expect(stat(tokenFile)).rejects.toMatchObject({ code: 'ENOENT' });
  });
});

describe('exposures', () => {
  const open = { listen: '0.0.0.0:7070' };
  const metrics = { metricsListen: '[::]:9090' };

  it.each([
    ['nothing said', {}],
    ['a server that others reach, with its token', open],
    ['no token on this machine', { insecure: true }],
    ['a token all the same', { ...open, insecure: true, tokenFile: 't' }],
    ['metrics with a token', { ...metrics, metricsTokenFile: 'm' }],
    ['no metrics', { ...metrics, metrics: 'off' }],
  ])('are none with %s', (_, flags) => {
    expect(exposures(settings(flags))).toEqual([]);
  });

  it('are told of a server and of metrics that want no token', () => {
    expect(
      exposures(settings({ ...open, insecure: true, ...metrics })),
    ).toEqual([
      'anybody who reaches 0.0.0.0:7070 can join this run and change its result (--insecure)',
      'anybody who reaches [::]:9090 can read the metrics (--metrics-token-file)',
    ]);
  });
});

describe('isLoopback', () => {
  it.each(['127.0.0.1', '127.9.9.9', 'localhost', '::1'])('is %s', (host) => {
    expect(isLoopback(host)).toBe(true);
  });

  it.each(['127.evil.example', '::', '10.0.0.1', '127.0.0.1.x', '0.0.0.0'])(
    'is not %s',
    (host) => {
      expect(isLoopback(host)).toBe(false);
    },
  );
});

describe('launchToken', () => {
  it('is the one of the file, without the line break', async () => {
    const path = join(folder, 'token');
    await writeFile(path, 'secret\n');
    expect(await launchToken(path)).toBe('secret');
  });

  it('is a new one of 256 bits where none was given', async () => {
    const tokens = await Promise.all([
      launchToken(undefined),
      launchToken(undefined),
    ]);
    expect(new Set(tokens).size).toBe(2);
    for (const token of tokens) {
      expect(Buffer.from(token, 'base64url')).toHaveLength(32);
    }
  });

  it('says which file cannot be read', async () => {
    const path = join(folder, 'missing');
    await expect(launchToken(path)).rejects.toMatchObject({
      code: 'ERR_CONFIG',
      message: `the token file ${path} cannot be read (--token-file)`,
    });
  });
});
