/**
 * `muster create`, and the processes that containers run, each by itself: the
 * same bits as `muster train`. Without any container.
 */
import { readFile, readdir } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  MusterProcess,
  failOnLeftovers,
  muster,
} from '../cluster/muster-process.js';
import { RunFiles } from '../cluster/run-files.js';
import { GLOBAL_BATCH, Workbench } from '../cluster/workbench.js';

failOnLeftovers();

const PLAN = ['--epochs', '4', '--seed', '7', '--global-batch'].concat(
  String(GLOBAL_BATCH),
);

let bench: Workbench;
beforeAll(async () => {
  bench = await Workbench.create();
});
afterAll(() => bench[Symbol.asyncDispose]());

/** Runs `muster create NAME` on the small data set. */
function create(name: string, ...flags: readonly string[]) {
  const files = ['--data', bench.data, '--out', bench.out];
  return muster(['create', name, ...files, ...PLAN, ...flags]);
}

function folderOf(name: string): RunFiles {
  return new RunFiles(join(bench.out, name));
}

describe('muster create', () => {
  it('makes a whole run that nobody serves yet', async () => {
    const { code, stdout, stderr } = await create('whole', '--json');
    expect(code, stderr).toBe(0);
    const { path } = folderOf('whole');
    expect(JSON.parse(stdout)).toEqual({
      ...{ runId: 'whole', path, token: join(path, 'token'), isNew: true },
      ...{ epochs: 4, seed: 7, servers: 1 },
    });
    expect(await folderOf('whole').checkpoints()).toHaveLength(1);
    expect(await folderOf('whole').mode('token')).toBe(0o600);
    const token = (await folderOf('whole').text('token')).trim();
    expect(await folderOf('whole').text('config.yaml')).not.toContain(token);
    expect(stdout + stderr).not.toContain(token);
    // nothing half made is left
    expect(await readdir(bench.out)).toEqual(['whole']);
  });

  it('leaves a run that is there as it is, and says so', async () => {
    await create('kept');
    const token = await folderOf('kept').text('token');
    const again = await create('kept');
    expect(again.code).toBe(2);
    expect(again.stderr).toContain('kept is there already: choose another');
    const kept = await create('kept', '--keep');
    expect(kept.code, kept.stderr).toBe(0);
    expect(kept.stdout).toContain('run kept is there already: ');
    expect(await folderOf('kept').text('token')).toBe(token);
    const other = await create('kept', '--keep', '--micro-batches', '8');
    expect(other.stderr).toContain('--micro-batches is 8, the run has 4');
    expect(other.code).not.toBe(0);
    const more = await create('kept', '--keep', '--servers', '2');
    expect(more.stderr).toContain('kept is not cut for --servers 2');
    expect(more.code).not.toBe(0);
  });

  it.each(['.hidden', 'a/b', '../up', 'x'.repeat(65), ''])(
    "refuses the name '%s'",
    async (name) => {
      const { code, stderr } = await create(name);
      expect(code).toBe(2);
      expect(stderr).toContain('cannot be the name of a run');
    },
  );
});

describe('processes that containers run', () => {
  it('train a created run to the bits of muster train', async () => {
    await using training = bench.train({ epochs: 4, flags: ['--seed', '7'] });
    const { parametersSha256 } = await training.summary();
    const { code, stderr } = await create('split', '--servers', '2');
    expect(code, stderr).toBe(0);
    const { path } = folderOf('split');
    const token = join(path, 'token');
    const ports = [await freePort(), await freePort()];
    // by a name, as containers know each other
    const urls = ports.map((port) => `ws://localhost:${port}`);
    const servers = ports.map((port, shard) =>
      MusterProcess.start([], {
        entry: 'parameter-server/dist/main.js',
        env: {
          ...{ PS_RUN: path, PS_TOKEN_FILE: token, PS_METRICS: 'false' },
          ...{ PS_PORT: String(port), PS_ADVERTISE: urls[shard] ?? '' },
          ...{ PS_SHARD: String(shard), PS_SHARDS: '2' },
          ...(shard > 0 && { PS_COORDINATOR: urls[0] ?? '' }),
        },
      }),
    );
    await using worker = MusterProcess.start([], {
      entry: 'worker/dist/main.js',
      env: {
        ...{ WORKER_SERVER: urls[0] ?? '', WORKER_ID: 'worker-0' },
        ...{ WORKER_TOKEN_FILE: token, WORKER_DATA: bench.data },
        ...{ WORKER_BACKEND: 'wasm', WORKER_METRICS: 'false' },
      },
    });
    for (const server of servers) {
      await using one = server;
      const exit = await one.exit();
      expect(exit.code, exit.stderr).toBe(0);
    }
    const { code: workerCode, stderr: said } = await worker.exit();
    expect(workerCode, said).toBe(0);
    for (const [shard, url] of urls.entries()) {
      expect(servers[shard]?.stderr).toContain(`"advertised":"${url}"`);
    }
    const evaluated = await muster([
      ...['evaluate', path, '--data', bench.data],
      ...['--backend', 'wasm', '--json'],
    ]);
    expect(JSON.parse(evaluated.stdout)).toMatchObject({ parametersSha256 });
    // whoever looks for the token finds the file's
    expect(await readFile(token, 'utf8')).toMatch(/^[\w-]{43}\n$/);
  });
});

/** A port that was free a moment ago. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
