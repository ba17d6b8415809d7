/**
 * Where the secrets of a run are not: neither in its folder, but for the
 * token's own file, nor in anything its processes were started with or say.
 */
import { readFile, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { failOnLeftovers } from '../cluster/muster-process.js';
import { signalTo } from '../cluster/process-table.js';
import type { Training } from '../cluster/training.js';
import { ENDLESS, Workbench } from '../cluster/workbench.js';
import { RawSocket } from './raw-socket.js';

failOnLeftovers();

let bench: Workbench;
beforeAll(async () => {
  bench = await Workbench.create();
});
afterAll(() => bench[Symbol.asyncDispose]());

/** Every file below a folder that holds one of these texts. */
async function filesWith(
  folder: string,
  texts: readonly string[],
): Promise<string[]> {
  const entries = await readdir(folder, {
    recursive: true,
    withFileTypes: true,
  });
  const found: string[] = [];
  for (const entry of entries.filter((one) => one.isFile())) {
    const path = join(entry.parentPath, entry.name);
    const content = await readFile(path, 'latin1');
    if (texts.some((text) => content.includes(text))) {
      found.push(path.slice(folder.length + 1));
    }
  }
  return found;
}

/** Arguments and environment of each process of a run. */
async function startedWith(training: Training): Promise<string> {
  const processes = await training.command.processes();
  expect(processes.length).toBeGreaterThanOrEqual(3);
  const texts = processes.flatMap(({ pid }) =>
    ['cmdline', 'environ'].map((file) =>
      readFile(`/proc/${pid}/${file}`, 'latin1'),
    ),
  );
  return (await Promise.all(texts)).join('\n');
}

/** Stops it, waits for the end, and gives all that was printed. */
async function printed(training: Training): Promise<string> {
  signalTo(training.command.pid, 'SIGTERM');
  const { stdout, stderr } = await training.exit();
  return stdout + stderr;
}

describe('a token', () => {
  it('of a run is in its own file, and nowhere else', async () => {
    await using training = bench.train({
      flags: ['--log-level', 'debug'],
      workers: 2,
      epochs: ENDLESS,
    });
    const files = await training.files();
    const token = (await files.text('token')).trim();
    expect(token).toMatch(/^[\w-]{43}$/);
    expect((await stat(join(files.path, 'token'))).mode & 0o777).toBe(0o600);
    await training.reached(1);
    expect(await startedWith(training)).not.toContain(token);
    expect(await printed(training)).not.toContain(token);
    expect(await filesWith(files.path, [token])).toEqual(['token']);
  });

  it('of --token-file and --metrics-token-file is in none of the run', async () => {
    const paths = [join(bench.path, 'made'), join(bench.path, 'made-metrics')];
    await using training = bench.train({
      flags: [
        ...['--listen', '0.0.0.0:0', '--token-file', paths[0] ?? ''],
        ...['--metrics-token-file', paths[1] ?? '', '--log-level', 'debug'],
      ],
      workers: 2,
      epochs: ENDLESS,
    });
    const files = await training.files();
    await training.reached(1);
    const tokens = await Promise.all(
      paths.map(async (path) => {
        expect((await stat(path)).mode & 0o777).toBe(0o600);
        return (await readFile(path, 'utf8')).trim();
      }),
    );
    const url = new URL(await training.url());
    // a guess is logged, and not what was guessed
    using guess = await RawSocket.open(Number(url.port));
    const authorization = 'Authorization: Bearer a-wrong-guess\r\n';
    const upgrade =
      'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Protocol: muster.4\r\n';
    guess.send(
      `GET /muster HTTP/1.1\r\nHost: x\r\n${authorization}${upgrade}\r\n`,
    );
    expect((await guess.hungUp()).status).toBe(401);
    const metricsUrl = await training.metricsUrl();
    expect((await fetch(`${metricsUrl}/metrics`)).status).toBe(401);
    const headers = { Authorization: `Bearer ${tokens[1] ?? ''}` };
    expect((await fetch(`${metricsUrl}/metrics`, { headers })).status).toBe(
      200,
    );
    const texts = [...tokens, 'a-wrong-guess'];
    const all = (await startedWith(training)) + (await printed(training));
    for (const text of texts) expect(all).not.toContain(text);
    const own = await files.text('token');
    expect(await filesWith(files.path, texts)).toEqual([]);
    expect(tokens).not.toContain(own.trim());
    expect(await files.text('config.yaml')).toContain(
      `token-file: ${paths[0] ?? ''}`,
    );
  });
});
