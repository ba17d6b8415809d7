/**
 * The pods of `deploy/kubernetes` as plain processes: the environment of its
 * StatefulSet and Indexed Job, as rendered, trains to the same bits as one
 * process, whatever becomes of a pod.
 */
import { createHash } from 'node:crypto';
import { cp, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { readWholeRun, shardDirectory } from '@muster/checkpoint';
import { float32Payload } from '@muster/protocol';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { failOnLeftovers, muster } from '../cluster/muster-process.js';
import type { MusterProcess } from '../cluster/muster-process.js';
import { signalTo } from '../cluster/process-table.js';
import { RunFiles } from '../cluster/run-files.js';
import { SlowLine } from '../cluster/slow-line.js';
import { EPOCHS, Workbench } from '../cluster/workbench.js';
import { freePorts } from './free-ports.js';
import {
  copyWithSecrets,
  manifestsIn,
  missingKustomize,
  render,
} from './kubernetes-render.js';
import type { Manifest } from './kubernetes-render.js';
import { linesOf } from './log-lines.js';
import { startContainer } from './pod-process.js';
import type { PodOptions } from './pod-process.js';
import { podTemplates } from './pod-templates.js';
import type { PodTemplate } from './pod-templates.js';
import { SECRETS } from './secrets.js';
import { skipWithout } from './skip-without.js';

failOnLeftovers();

const missing = missingKustomize();
let bench: Workbench;
let undisturbed: string;

beforeAll(async () => {
  bench = await Workbench.create();
  await copyWithSecrets(join(bench.path, 'kubernetes'), SECRETS);
  await using alone = bench.train();
  undisturbed = (await alone.summary()).parametersSha256;
}, 60_000);
afterAll(() => bench[Symbol.asyncDispose]());
beforeEach((test) => skipWithout(test, missing));

/** A namespace with what was applied to it. */
class Namespace {
  readonly manifests: readonly Manifest[];
  readonly #folder: string;
  readonly #addresses: Record<string, string> = {};

  private constructor(folder: string, manifests: readonly Manifest[]) {
    this.#folder = folder;
    this.manifests = manifests;
  }

  static async create(
    name: string,
    { overlay = 'small', numServers = 1 } = {},
  ): Promise<Namespace> {
    const text = render(join(bench.path, 'kubernetes'), `overlays/${overlay}`);
    // what docs/deploy.md says to change for more servers, and for other data
    const manifests = manifestsIn(
      text.replace(
        'MUSTER_SERVERS: "1"',
        `MUSTER_SERVERS: "${numServers}"\n  MUSTER_DATA: /data`,
      ),
    );
    const namespace = new Namespace(join(bench.path, name), manifests);
    const ports = await freePorts(numServers);
    ports.forEach((port, index) => {
      const pod = `muster-server-${index}.muster-servers:7070`;
      namespace.#addresses[pod] = `127.0.0.1:${port}`;
    });
    return namespace;
  }

  /** Makes a server's pod: first its run, then the server. */
  async server(index: number): Promise<MusterProcess> {
    const pod = await this.#pod('StatefulSet/muster-server', index, {
      ...{ MUSTER_EPOCHS: String(EPOCHS) },
      ...{ MUSTER_GLOBAL_BATCH: '40', MUSTER_MICRO_BATCHES: '4' },
    });
    const { initContainers = [], containers } = pod.template.spec;
    for (const container of initContainers) {
      await using creating = startContainer(container, pod);
      const { code, stderr } = await creating.exit();
      expect(code, stderr).toBe(0);
    }
    return startContainer(containers[0]!, { ...pod, extra: {} });
  }

  /** Makes a worker's pod. */
  async worker(
    index: number,
    env: Readonly<Record<string, string>> = {},
  ): Promise<MusterProcess> {
    const extra = { WORKER_BACKEND: 'wasm', ...env };
    const pod = await this.#pod('Job/muster-workers', index, extra);
    return startContainer(pod.template.spec.containers[0]!, pod);
  }

  /** The disk of a server's pod, which stays when the pod goes. */
  runOn(index: number): string {
    return join(this.#folder, `runs-muster-server-${index}`, 'digits');
  }

  async #pod(
    owner: string,
    index: number,
    extra: Readonly<Record<string, string>>,
  ): Promise<PodOptions> {
    const template = podTemplates(this.manifests).find(
      (one: PodTemplate) => one.owner === owner,
    );
    if (template === undefined) throw new Error(`no ${owner}`);
    const runs = join(this.#folder, `runs-muster-server-${index}`);
    await mkdir(runs, { recursive: true });
    const copy = join(bench.path, 'kubernetes');
    const certificates = owner.startsWith('Job/') ? 'worker' : 'server';
    return {
      ...{ template, manifests: this.manifests, index, extra },
      addresses: this.#addresses,
      mounts: {
        '/runs': runs,
        '/data': bench.data,
        '/tmp': join(this.#folder, `tmp-${certificates}-${index}`),
        '/secrets/token': join(copy, 'base/secrets'),
        '/secrets/tls': join(copy, 'components/tls/secrets', certificates),
      },
    };
  }
}

/** Waits for a line in what a pod logs. */
function logged(pod: MusterProcess, event: string, workerId?: string) {
  return pod.waitFor(`${event} ${workerId ?? ''}`, () =>
    linesOf(pod.stderr).find(
      (line) =>
        line['event'] === event &&
        (workerId === undefined || line['workerId'] === workerId),
    ),
  );
}

/** What docs/deploy.md says to fetch: the second server's slices as well. */
async function gather(namespace: Namespace): Promise<void> {
  const [run, from] = [namespace.runOn(0), namespace.runOn(1)];
  const slices = (path: string) =>
    shardDirectory(join(path, 'checkpoints'), 1, 2);
  await cp(slices(from), slices(run), { recursive: true });
}

/** SHA-256 of the newest parameters in a run's folder. */
async function parametersIn(run: string): Promise<string> {
  const found = await readWholeRun(join(run, 'checkpoints'));
  const bytes = float32Payload(found!.checkpoint.parameters);
  return createHash('sha256').update(bytes).digest('hex');
}

it('trains in the environment of an Indexed Job: same bits', async () => {
  const namespace = await Namespace.create('one-server');
  await using server = await namespace.server(0);
  await using first = await namespace.worker(0);
  await using second = await namespace.worker(1);
  await Promise.all(
    ['worker-0', 'worker-1'].map((name) =>
      logged(server, 'worker-joined', name),
    ),
  );
  const ends = await Promise.all([first.exit(), second.exit()]);
  expect(ends.map(({ code }) => code)).toEqual([0, 0]);
  // the StatefulSet's pod stays, so that the model can be fetched
  await logged(server, 'ended');
  expect(await parametersIn(namespace.runOn(0))).toBe(undisturbed);
  signalTo(server.pid, 'SIGTERM');
  expect((await server.exit()).code).toBe(0);
});

it('is the same worker when its pod is made anew, and the same bits', async () => {
  const namespace = await Namespace.create('lost-pods');
  await using server = await namespace.server(0);
  {
    const { env } = SlowLine.begin(bench.path);
    await using lost = await namespace.worker(1, env);
    const files = new RunFiles(namespace.runOn(0));
    await server.waitFor('step 5', async () =>
      (await files.steps()).some((step) => step >= 5),
    );
    signalTo(lost.pid, 'SIGKILL');
    await logged(server, 'worker-away', 'worker-1');
  }
  await using first = await namespace.worker(0);
  await using again = await namespace.worker(1);
  const ends = await Promise.all([first.exit(), again.exit()]);
  expect(ends.map(({ code }) => code)).toEqual([0, 0]);
  await logged(server, 'ended');
  const lives = linesOf(server.stderr).filter(
    ({ event, workerId }) =>
      event === 'worker-joined' && workerId === 'worker-1',
  );
  expect(new Set(lives.map(({ incarnation }) => incarnation)).size).toBe(2);
  expect(await parametersIn(namespace.runOn(0))).toBe(undisturbed);
});

it('trains on two servers, each with its own disk: same bits', async () => {
  const namespace = await Namespace.create('two-servers', { numServers: 2 });
  await using server = await namespace.server(0);
  await using other = await namespace.server(1);
  await using first = await namespace.worker(0);
  await using second = await namespace.worker(1);
  const ends = await Promise.all([first.exit(), second.exit()]);
  expect(ends.map(({ code }) => code)).toEqual([0, 0]);
  await logged(server, 'ended');
  await logged(other, 'ended');
  await gather(namespace);
  expect(await parametersIn(namespace.runOn(0))).toBe(undisturbed);
});

it('trains over mutual TLS, with the certificates of docs/deploy.md', async () => {
  const servers = [0, 1].map(
    (index) => `muster-server-${index}.muster-servers`,
  );
  const certs = join(bench.path, 'certs');
  const made = await muster([
    ...['certs', '-H', 'worker', '--server-host', servers.join(',')],
    ...['--out', certs],
  ]);
  expect(made.code, made.stderr).toBe(0);
  for (const name of ['server', 'worker']) {
    const place = join(bench.path, 'kubernetes/components/tls/secrets', name);
    await cp(join(certs, name), place, { recursive: true });
  }
  const options = { overlay: 'tls', numServers: 2 };
  const namespace = await Namespace.create('tls', options);
  await using server = await namespace.server(0);
  await using other = await namespace.server(1);
  await using first = await namespace.worker(0);
  await using second = await namespace.worker(1);
  const ends = await Promise.all([first.exit(), second.exit()]);
  expect(ends.map(({ code }) => code)).toEqual([0, 0]);
  const { url } = await logged(server, 'listening');
  expect(url).toMatch(/^wss:/);
  await logged(server, 'ended');
  await logged(other, 'ended');
  await gather(namespace);
  expect(await parametersIn(namespace.runOn(0))).toBe(undisturbed);
});
