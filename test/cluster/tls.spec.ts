/**
 * Training over mutual TLS with the certificates of `muster certs`: the same
 * bits as in the clear, and everybody else is refused with a reason.
 */
import { existsSync } from 'node:fs';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { failOnLeftovers, muster, MusterProcess } from './muster-process.js';
import { expectPlainError } from './plain-error.js';
import { signalTo } from './process-table.js';
import { outcomeOf } from './run-files.js';
import type { Training } from './training.js';
import { LONG_LEASE, Workbench } from './workbench.js';

failOnLeftovers();

let bench: Workbench;
let undisturbed: ReturnType<typeof outcomeOf>;

beforeAll(async () => {
  bench = await Workbench.create();
  for (const folder of ['certs', 'other-certs']) {
    const made = await muster(
      ['certs', '-H', 'host-a,host-b', '--out', folder],
      {
        cwd: bench.path,
      },
    );
    expect(made.code, made.stderr).toBe(0);
  }
  await using run = bench.train();
  undisturbed = outcomeOf(await run.summary());
}, 60_000);
afterAll(() => bench[Symbol.asyncDispose]());

/** The flags of a machine's folder. */
function tlsFlags(machine: string, folder = 'certs') {
  const path = join(bench.path, folder, machine);
  return {
    '--tls-cert': join(path, 'tls.crt'),
    '--tls-key': join(path, 'tls.key'),
    '--tls-ca': join(path, 'ca.crt'),
  };
}

const words = (flags: Readonly<Record<string, string | undefined>>) =>
  Object.entries(flags).flatMap(([flag, value]) =>
    value === undefined ? [] : [flag, value],
  );

describe('a run over mutual TLS', () => {
  it.each([
    { workers: 2 },
    // servers and standbys connect to each other
    { workers: 1, servers: 2, standby: 1 },
  ] as const)('ends with the same bits with %o', async (cluster) => {
    const flags = words(tlsFlags('server'));
    await using run = bench.train({ ...cluster, flags });
    expect(await run.url()).toMatch(/^wss:\/\/127\.0\.0\.1:\d+/);
    expect(outcomeOf(await run.summary())).toEqual(undisturbed);
    await expectNoKeyIn((await run.files()).path);
  });

  it('ends with the same bits with workers by hand, under their names', async () => {
    await using server = bench.serve({
      flags: [...words(tlsFlags('server')), ...LONG_LEASE],
    });
    const flags = {
      '--server': await server.url(),
      '--token-file': join((await server.files()).path, 'token'),
      '--backend': 'wasm',
    };
    const data = { '--data': bench.data };
    // the other one has no data, and gets them by the same way
    const empty = { MUSTER_CACHE_DIR: join(bench.path, 'cache') };
    await using a = MusterProcess.start([
      ...['worker', ...words({ ...flags, ...data, ...tlsFlags('host-a') })],
    ]);
    const joined = (host: string) =>
      server.logged(
        'server',
        `the join of ${host}`,
        ({ event, workerId }) =>
          event === 'worker-joined' && String(workerId).startsWith(host),
      );
    await joined('host-a');
    // the run waits for it, and does not end before the other one is in
    const pids = (await a.processes()).map(({ pid }) => pid);
    for (const pid of pids) signalTo(pid, 'SIGSTOP');
    await using b = MusterProcess.start(
      ['worker', ...words({ ...flags, ...tlsFlags('host-b') })],
      { env: empty },
    );
    await joined('host-b');
    for (const pid of pids) signalTo(pid, 'SIGCONT');
    expect((await server.exit()).code).toBe(0);
    expect(existsSync(empty.MUSTER_CACHE_DIR)).toBe(true);
    expect([(await a.exit()).code, (await b.exit()).code]).toEqual([0, 0]);
    const files = await server.files();
    expect(outcomeOf(await files.summary())).toEqual(undisturbed);
    const log = await files.log('server');
    const joins = log.filter(({ event }) => event === 'worker-joined');
    expect(joins.map(({ workerId }) => String(workerId)).sort()).toEqual([
      expect.stringMatching(/^host-a-[0-9a-f]{8}$/),
      expect.stringMatching(/^host-b-[0-9a-f]{8}$/),
    ]);
  });
});

describe('a server with mutual TLS', () => {
  let server: Training;
  let url: string;
  let tokenFile: string;

  beforeAll(async () => {
    server = bench.serve({ flags: words(tlsFlags('server')) });
    url = await server.url();
    tokenFile = join((await server.files()).path, 'token');
  }, 60_000);
  afterAll(() => server[Symbol.asyncDispose]());

  /** Runs a worker of host-b; `flags` win over what would be right. */
  function worker(flags: Readonly<Record<string, string | undefined>>) {
    const right = {
      ...{ '--server': url, '--token-file': tokenFile, '--data': bench.data },
      ...{ '--backend': 'wasm', ...tlsFlags('host-b') },
    };
    return muster(['worker', ...words({ ...right, ...flags })]);
  }

  it('refuses a worker without a certificate', async () => {
    const none = { '--tls-cert': undefined, '--tls-key': undefined };
    expectPlainError(await worker(none), {
      ...{ exitCode: 2, code: 'ERR_TLS' },
      message: /certificate missing: .* \(--tls-cert, --tls-key\)/,
    });
  });

  it('refuses a worker with a certificate of another CA', async () => {
    const { '--tls-ca': ca } = tlsFlags('host-b');
    const other = tlsFlags('host-b', 'other-certs');
    expectPlainError(await worker({ ...other, '--tls-ca': ca }), {
      ...{ exitCode: 2, code: 'ERR_TLS' },
      message: /peer's certificate is signed by a CA that is not known here/,
    });
  });

  it('is refused by a worker that trusts another CA', async () => {
    const { '--tls-ca': ca } = tlsFlags('host-b', 'other-certs');
    expectPlainError(await worker({ '--tls-ca': ca }), {
      ...{ exitCode: 2, code: 'ERR_TLS' },
      message: /certificate of wss:\S+ is signed by a CA .* \(--tls-ca\)/,
    });
  });

  it('refuses a worker that calls itself by another name', async () => {
    const files = tlsFlags('host-b');
    const env = {
      ...{ WORKER_SERVER: url, WORKER_ID: 'host-a-0' },
      ...{ WORKER_BACKEND: 'wasm', WORKER_TOKEN_FILE: tokenFile },
      WORKER_TLS_CERT: files['--tls-cert'],
      WORKER_TLS_KEY: files['--tls-key'],
      WORKER_TLS_CA: files['--tls-ca'],
    };
    const exit = await muster([], { entry: 'worker/dist/main.js', env });
    expectPlainError(exit, {
      ...{ exitCode: 2, code: 'ERR_TLS' },
      message:
        /host-a-0 shows the certificate of 'host-b': expected the name host-b/,
    });
  });

  it('says that it speaks TLS to a worker that does not', async () => {
    const plain = {
      ...{ '--tls-cert': undefined, '--tls-key': undefined },
      ...{ '--tls-ca': undefined, '--server': url.replace('wss:', 'ws:') },
    };
    expectPlainError(await worker(plain), {
      ...{ exitCode: 2, code: 'ERR_TLS' },
      message: /this server speaks TLS: expected wss:\/\//,
    });
  });

  it('has no address in the clear that a worker with a CA would take', async () => {
    const plain = { '--server': url.replace('wss:', 'ws:') };
    expectPlainError(await worker(plain), {
      ...{ exitCode: 2, code: 'ERR_CONFIG' },
      message: /--server.*wss:\/\/HOST:PORT with --tls-cert or --tls-ca/,
    });
  });

  it('has told of all this in its log, and goes on', async () => {
    const log = await (await server.files()).log('server');
    const refused = log.filter(({ code }) => code === 'ERR_TLS');
    expect(refused.length).toBeGreaterThanOrEqual(4);
    expect(await server.metrics()).toMatch(/reason="tls"\} [4-9]/);
  });
});

describe('a server in the clear', () => {
  it('is told from one with TLS', async () => {
    await using server = bench.serve();
    const flags = {
      '--server': (await server.url()).replace('ws:', 'wss:'),
      ...{ '--data': bench.data, '--backend': 'wasm', ...tlsFlags('host-b') },
    };
    expectPlainError(await muster(['worker', ...words(flags)]), {
      ...{ exitCode: 2, code: 'ERR_TLS' },
      message: /wss:\S+ does not speak TLS: expected ws:\/\//,
    });
  });
});

/** A private key is nowhere in a run's folder; its path may be. */
async function expectNoKeyIn(folder: string): Promise<void> {
  const key = await readFile(tlsFlags('server')['--tls-key'], 'utf8');
  const secret = key.split('\n')[1]!;
  expect(secret).toHaveLength(64);
  const names = ['config.yaml', 'run.json'];
  const logs = await readdir(join(folder, 'logs'));
  for (const name of [...names, ...logs.map((log) => join('logs', log))]) {
    expect(await readFile(join(folder, name), 'utf8')).not.toContain(secret);
  }
  const config = await readFile(join(folder, 'config.yaml'), 'utf8');
  expect(config).toContain(`tls-key: ${tlsFlags('server')['--tls-key']}`);
}
