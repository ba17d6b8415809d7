/**
 * `deploy/compose.yaml` as a person starts it: it trains, with the bits of
 * this machine, whatever the number of workers and servers.
 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Workbench } from '../cluster/workbench.js';
import { ComposeProject, sweepCompose } from './compose-project.js';
import { describeWithDocker, docker, missingProgram } from './docker.js';
import { buildImages } from './images.js';
import type { Images } from './images.js';

/** What decides the bits, as `deploy/compose.yaml` is told it. */
const PLAN = {
  MUSTER_EPOCHS: '20',
  MUSTER_SEED: '7',
  MUSTER_GLOBAL_BATCH: '40',
};

interface Inspection {
  readonly Config: { readonly User: string; readonly Env: readonly string[] };
  readonly HostConfig: {
    readonly ReadonlyRootfs: boolean;
    readonly CapDrop: readonly string[];
    readonly SecurityOpt: readonly string[];
  };
  readonly State: { readonly StartedAt: string };
}

describeWithDocker(
  'deploy/compose.yaml',
  () => {
    let images: Images;
    let bench: Workbench;
    /** SHA-256 of the parameters that one process here trains. */
    let wanted: string;

    beforeAll(async () => {
      await sweepCompose();
      images = await buildImages();
      bench = await Workbench.create();
      const plan = Object.entries(PLAN).flatMap(([name, value]) => [
        name.replace('MUSTER_', '--').replace('_', '-').toLowerCase(),
        value,
      ]);
      const words = ['train', '--data', bench.data, '--workers', '1', ...plan];
      await using training = bench.start([...words, '--json']);
      wanted = (await training.summary()).parametersSha256;
    }, 600_000);
    afterAll(async () => {
      await sweepCompose();
      await bench?.[Symbol.asyncDispose]();
    });

    const project = (env = {}, files: string[] = []) =>
      ComposeProject.create({ bench, images, env: { ...PLAN, ...env }, files });

    const sha256Of = async (of: ComposeProject) => {
      const words = ['run', '--rm', '-T', 'muster', 'evaluate', 'training'];
      const said = JSON.parse(await of.run(...words, '--json')) as {
        parametersSha256: string;
      };
      return said.parametersSha256;
    };

    const inspect = async (id: string) =>
      JSON.parse(await docker('inspect', '-f', '{{json .}}', id)) as Inspection;

    it('trains with two workers, each locked into its container', async () => {
      await using compose = await project();
      await compose.run('up', '-d');
      const server = await compose.container('server');
      const workers = await compose.containers('worker');
      expect(workers).toHaveLength(2);
      for (const id of [server, ...workers]) {
        const { Config, HostConfig } = await inspect(id);
        expect(Config.User).toBe('10001:10001');
        expect(HostConfig.ReadonlyRootfs).toBe(true);
        expect(HostConfig.CapDrop).toEqual(['ALL']);
        expect(HostConfig.SecurityOpt).toContain('no-new-privileges:true');
        expect(Config.Env.join()).not.toContain(compose.token);
      }
      expect(await compose.exits('server')).toEqual([0]);
      expect(await compose.exits('worker')).toEqual([0, 0]);
      expect(await compose.exits('create')).toEqual([0]);
      expect(await sha256Of(compose)).toBe(wanted);
      const said = await compose.logs('server');
      expect(said.split('"event":"worker-joined"')).toHaveLength(3);
      expect(said + (await compose.logs('worker'))).not.toContain(
        compose.token,
      );
      // once more is no new run
      await compose.run('up', '--no-deps', 'create');
      expect(await compose.logs('create')).toContain('is there already');
    });

    it('takes more workers in while it trains, on two servers', async () => {
      const files = ['compose.servers.yaml'];
      await using compose = await project({}, files);
      await compose.run('up', '-d', '--scale', 'worker=1');
      // looked up before: the training does not wait
      const [first = ''] = await compose.containers('worker');
      await compose.heard('epoch', 2);
      // or it might be over before the others are there
      await docker('pause', first);
      await compose.run(
        ...['up', '-d', '--no-recreate', '--no-deps'],
        ...['--scale', 'worker=3', 'worker'],
      );
      await compose.heard('worker-joined', 3);
      await docker('unpause', first);
      expect(await compose.exits('server')).toEqual([0]);
      expect(await compose.exits('server-1')).toEqual([0]);
      expect(await compose.exits('worker')).toEqual([0, 0, 0]);
      expect(await sha256Of(compose)).toBe(wanted);
    });

    it('is what docker-compose accepts, with all profiles', async () => {
      await using compose = await project({}, ['compose.servers.yaml']);
      const all = await compose.run(
        ...['--profile', 'monitoring', '--profile', 'tools'],
        ...['config', '--services'],
      );
      expect(all.split('\n').sort()).toEqual(
        [
          ...['create', 'grafana', 'muster', 'prometheus', 'server'],
          ...['server-1', 'worker'],
        ].sort(),
      );
    });
  },
  missingProgram('docker-compose'),
);
