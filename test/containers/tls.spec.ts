/**
 * Mutual TLS between containers, with the certificates of `muster certs`: the
 * same bits, and nobody takes part whom the run's CA does not know.
 */
import { chmod, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { muster } from '../cluster/muster-process.js';
import { expectPlainError } from '../cluster/plain-error.js';
import { PORT } from './cluster-stage.js';
import type { Changes, ClusterStage } from './cluster-stage.js';
import { describeWithDocker } from './docker.js';
import { useTheatre } from './theatre.js';

const SERVER = `wss://server-0:${PORT}`;
const WORKERS = ['worker-0', 'worker-1', 'stranger'] as const;
/** Where a container has its certificate. */
const TLS = '/tls';

describeWithDocker('a training in containers over mutual TLS', () => {
  const theatre = useTheatre();
  let stage: ClusterStage;
  /** Folders by the machine that gets it. */
  let certificates: string;

  /** Makes a CA and what it has signed. */
  async function authority(name: string): Promise<string> {
    const out = join(theatre().bench.path, name);
    const hosts = ['server-0', ...WORKERS].join(',');
    const made = await muster(['certs', '-H', hosts, '--out', out]);
    expect(made, made.stderr).toMatchObject({ code: 0 });
    for (const machine of ['server', ...WORKERS]) {
      // as engines mount secrets: of another owner than the process
      await chmod(join(out, machine), 0o755);
      await chmod(join(out, machine, 'tls.key'), 0o644);
    }
    return out;
  }

  /** A container's share of it, by the names of its environment. */
  function shown(kind: 'PS' | 'WORKER', folder: string): Changes {
    return {
      env: {
        [`${kind}_TLS_CERT`]: `${TLS}/tls.crt`,
        [`${kind}_TLS_KEY`]: `${TLS}/tls.key`,
        [`${kind}_TLS_CA`]: `${TLS}/ca.crt`,
        ...(kind === 'PS'
          ? { PS_ADVERTISE: SERVER }
          : { WORKER_SERVER: SERVER }),
      },
      files: { [TLS]: folder },
    };
  }

  beforeAll(async () => {
    certificates = await authority('certs');
    stage = await theatre().stage();
    await stage.serve(shown('PS', join(certificates, 'server')));
  }, 120_000);
  afterAll(() => stage?.[Symbol.asyncDispose]());

  it('refuses a worker whose certificate another CA has signed', async () => {
    const other = await authority('other-certs');
    const { env, files } = shown('WORKER', join(other, 'stranger'));
    const ca = join(certificates, 'stranger', 'ca.crt');
    const worker = await stage.startWorker('stranger', {
      env: { ...env, WORKER_TLS_CA: '/run-ca.crt' },
      files: { ...files, '/run-ca.crt': ca },
    });
    expectPlainError(await worker.exit(), {
      exitCode: 2,
      code: 'ERR_TLS',
      message: /certificate/,
    });
    await stage.coordinator.event('connection-refused', { code: 'ERR_TLS' });
  });

  it('tells a worker without TLS to use it', async () => {
    const worker = await stage.startWorker('guest');
    expectPlainError(await worker.exit(), {
      exitCode: 2,
      code: 'ERR_TLS',
      message: /wss:\/\//,
    });
  });

  it('trains with those whom it knows, to the same bits', async () => {
    await Promise.all(
      ['worker-0', 'worker-1'].map((name) =>
        stage.startWorker(name, shown('WORKER', join(certificates, name))),
      ),
    );
    expect(await stage.outcome()).toEqual(theatre().undisturbed);
    const worker = stage.workers.find(({ name }) => name === 'worker-0');
    await worker!.event('connected', { link: 0, url: SERVER });
  });

  it('has no key where the engine shows it', async () => {
    const key = await readFile(join(certificates, 'server', 'tls.key'), 'utf8');
    const [, secret = ''] = key.split('\n');
    expect(secret.length).toBeGreaterThan(40);
    for (const container of [...stage.servers, ...stage.workers]) {
      expect(JSON.stringify(await container.inspect())).not.toContain(secret);
      const { stdout, stderr } = await container.output();
      expect(stdout + stderr).not.toContain(secret);
    }
  });
});
