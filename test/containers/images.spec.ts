/**
 * What is in the images, what is not, and what they can do without a network,
 * without rights, and without a file system to write to.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../cluster/eventually.js';
import { Workbench } from '../cluster/workbench.js';
import { describeWithDocker, docker, ended, linesOf, run } from './docker.js';
import { ROOT, TARGETS, baseImage, buildImages } from './images.js';
import type { ImageName, Images } from './images.js';

/** On every container of this file. */
const LABEL = 'muster.test.spec=images';
const NAMES = Object.keys(TARGETS) as ImageName[];
/** As an orchestrator that trusts nobody starts a container. */
const LOCKED = [
  ...['run', '--label', LABEL, '--network', 'none', '--read-only'],
  ...['--cap-drop', 'ALL', '--security-opt', 'no-new-privileges'],
];
const MIB = 1024 ** 2;
/** Each question is a process of its own. */
const ASK_AGAIN_MS = 500;

interface ImageConfig {
  readonly User: string;
  readonly Env: readonly string[];
  readonly Labels: Readonly<Record<string, string>>;
  readonly Entrypoint: readonly string[];
  readonly Healthcheck?: { readonly Test: readonly string[] };
}

describeWithDocker('the images', () => {
  let images: Images;
  let bench: Workbench;

  beforeAll(async () => {
    await sweep();
    images = await buildImages();
    bench = await Workbench.create();
  }, 600_000);
  afterAll(async () => {
    await sweep();
    await bench?.[Symbol.asyncDispose]();
  });

  /** What a shell in a container prints. */
  const shell = (name: ImageName, script: string) =>
    docker(
      ...LOCKED,
      '--rm',
      '--entrypoint',
      'bash',
      images[name],
      '-c',
      script,
    );

  const configOf = async (name: ImageName) => {
    const format = '{{json .Config}}';
    const text = await docker('image', 'inspect', '-f', format, images[name]);
    return JSON.parse(text) as ImageConfig;
  };

  describe.each(NAMES)('of %s', (name) => {
    it('has labels, an init, and a user that is nobody', async () => {
      const { User, Labels, Entrypoint } = await configOf(name);
      expect(User).toBe('10001:10001');
      expect(Entrypoint.slice(0, 2)).toEqual(['tini', '--']);
      const label = (key: string) => Labels[`org.opencontainers.image.${key}`];
      const title = name === 'muster' ? 'muster' : `muster-${TARGETS[name]}`;
      expect(label('title')).toBe(title);
      expect(label('version')).toBe('0.1.0');
      expect(label('description')).toMatch(/^[A-Z].{10,}$/);
    });

    it('lets its user write into /runs and nowhere else', async () => {
      const script =
        'id -u; find / -xdev \\( -type f -o -type d \\) -writable ' +
        "-not -path '/proc/*' -not -path '/dev/*' 2>/dev/null || true";
      const args = ['run', '--rm', '--label', LABEL, '--network', 'none'];
      const text = await docker(
        ...[...args, '--entrypoint', 'bash', images[name], '-c', script],
      );
      const [uid, ...writable] = linesOf(text);
      expect(uid).toBe('10001');
      expect(writable.sort()).toEqual(
        ['/runs', '/run/lock', '/tmp', '/var/tmp'].sort(),
      );
    });

    it('has no secret in its layers, its history or its settings', async () => {
      const words = ['history', '--no-trunc', '--format', '{{.CreatedBy}}'];
      const history = await docker(...words, images[name]);
      const { Env } = await configOf(name);
      const told = [...linesOf(history), ...Env].join('\n');
      // the only one: where the token's file will be
      const rest = told.replaceAll(/(PS|WORKER)_TOKEN_FILE=\S+/g, '');
      expect(rest).not.toMatch(/token|secret|password|authorization|_auth/i);
      const files = await shell(
        name,
        "find /muster /runs /home -name '.npmrc' -o -name '*.key' " +
          "-o -name '.git' -o -name '.env' -o -name 'token' -o -path '*/secrets/*'",
      );
      expect(files).toBe('');
    });
  });

  it('keeps TensorFlow out of the server, and it small', async () => {
    const find = "find / -xdev -iname '*tensorflow*' -o -iname '*tfjs*'";
    expect(await shell('server', `${find} 2>/dev/null || true`)).toBe('');
    // it does find what is there
    expect(await shell('worker', `${find} 2>/dev/null || true`)).not.toBe('');
    expect((await sizeOf(images.server)) / MIB).toBeLessThan(260);
    expect((await sizeOf(images.worker)) / MIB).toBeLessThan(1000);
  });

  it('says what it can do without network, rights and disk', async () => {
    const help = await docker(...LOCKED, '--rm', images.muster, '--help');
    for (const command of ['create', 'train', 'worker', 'evaluate']) {
      expect(help).toMatch(new RegExp(`^ +${command} `, 'm'));
    }
  });

  it.each([
    ['server', 'PS_RUN'],
    ['worker', 'WORKER_SERVER'],
  ] as const)('of %s says which setting is missing', async (name, setting) => {
    const words = [...LOCKED, '--rm', images[name]];
    const { code, stderr } = await ended('docker', words);
    expect(code).toBe(2);
    expect(stderr).toContain(`${setting}: `);
  });

  it('does not serve without the token that its settings name', async () => {
    const made = 'muster-test-images-runs';
    await docker('volume', 'create', '--label', LABEL, made);
    const runs = ['-v', `${made}:/runs`, '-v', `${bench.data}:/data:ro`];
    await docker(
      ...[...LOCKED, '--rm', ...runs, images.muster],
      ...['create', 'one', '--data', '/data', '--epochs', '1'],
    );
    const { code, stderr } = await ended('docker', [
      ...[...LOCKED, '--rm', ...runs, '-e', 'PS_RUN=/runs/one', images.server],
    ]);
    expect(code).toBe(2);
    expect(stderr).toContain('/run/secrets/muster-token cannot be read');
  });

  it('is healthy when it runs, and ends when it is told to', async () => {
    const token = await bench.write('token', 'of-nobody');
    const id = await docker(
      ...[...LOCKED, '-d', '-v', `${token}:/run/secrets/muster-token:ro`],
      ...['-e', 'WORKER_SERVER=ws://127.0.0.1:1', images.worker],
    );
    expect(await docker('exec', id, 'cat', '/proc/1/comm')).toBe('tini');
    const health = ['inspect', '-f', '{{.State.Health.Status}}', id];
    await eventually('health', async () => {
      if ((await docker(...health)) === 'healthy') return true;
      await pause(ASK_AGAIN_MS);
      return false;
    });
    // unhealthy is what does not answer
    const sick = await ended('docker', ['exec', id, 'muster-health', '1']);
    expect(sick.code).not.toBe(0);
    await docker('stop', '--time', '20', id);
    const exit = ['inspect', '-f', '{{.State.ExitCode}}', id];
    expect(await docker(...exit)).toBe('0');
  });

  it('trains in a container with the bits of this machine', async () => {
    const words = [
      ...['train', '--data', '/data', '--epochs', '2', '--seed', '7'],
      ...['--global-batch', '40', '--workers', '2', '--json'],
    ];
    const inside = await docker(
      ...[...LOCKED, '--rm', '--tmpfs', '/runs:uid=10001,mode=0700'],
      ...['-v', `${bench.data}:/data:ro`, images.muster, ...words],
    );
    const outside = words.map((word) => (word === '/data' ? bench.data : word));
    await using training = bench.start(outside);
    const { parametersSha256, backend } = await training.summary();
    expect(JSON.parse(inside)).toMatchObject({ parametersSha256, backend });
  });

  it('builds with BuildKit as well', async (context) => {
    const client = buildKitClient();
    if (client === undefined) {
      return context.skip('no client here that can use BuildKit');
    }
    const tag = 'muster-test-buildkit:latest';
    await run(
      join(ROOT, 'deploy', 'docker', 'build.sh'),
      [
        ...['parameter-server', '-t', tag, '--label', LABEL],
        ...['--build-arg', `BASE_IMAGE=${await baseImage()}`],
      ],
      { env: { DOCKER_BUILDKIT: '1', DOCKER: client } },
    );
    const { code } = await ended('docker', [...LOCKED, '--rm', tag]);
    expect(code).toBe(2);
  });
});

/** A command that has BuildKit in it, or its plugin beside it. */
function buildKitClient(): string | undefined {
  return ['docker', '/usr/bin/docker'].find((client) => {
    const words = ['build', '--help'];
    const env = { ...process.env, DOCKER_BUILDKIT: '1' };
    const asked = spawnSync(client, words, { env, encoding: 'utf8' });
    return asked.status === 0 && asked.stdout.includes('--secret');
  });
}

async function sizeOf(image: string): Promise<number> {
  return Number(await docker('image', 'inspect', '-f', '{{.Size}}', image));
}

/** Removes what this file has left, now or in a call that was killed. */
async function sweep(): Promise<void> {
  const filter = ['--filter', `label=${LABEL}`];
  const containers = linesOf(await docker('ps', '-aq', ...filter));
  if (containers.length > 0) await docker('rm', '-fv', ...containers);
  const volumes = linesOf(await docker('volume', 'ls', '-q', ...filter));
  if (volumes.length > 0) await docker('volume', 'rm', '-f', ...volumes);
  const images = linesOf(await docker('images', '-q', ...filter));
  if (images.length > 0) await ended('docker', ['rmi', '-f', ...images]);
}
