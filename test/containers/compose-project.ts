/**
 * One `docker-compose` project of `deploy/compose.yaml` as a test starts it,
 * on the small data set; nothing of it is left when it is disposed of.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { Workbench } from '../cluster/workbench.js';
import { docker, ended, linesOf, run } from './docker.js';
import type { Ended } from './docker.js';
import { followLogs } from './follow-logs.js';
import { ROOT } from './images.js';
import type { Images } from './images.js';

/** How a project is made. */
export interface ComposeOptions {
  readonly bench: Workbench;
  readonly images: Images;
  /** Variables of the files; settings of `muster create` among them. */
  readonly env?: Readonly<Record<string, string>>;
  /** Files of `deploy/` beside `compose.yaml`. */
  readonly files?: readonly string[];
}

/** In front of the name of every project of a test. */
const PREFIX = 'muster-test-compose-';
const PROJECT_LABEL = 'com.docker.compose.project';

/** See the head of this file. */
export class ComposeProject implements AsyncDisposable {
  readonly name = `${PREFIX}${randomUUID().slice(0, 8)}`;
  /** What workers have to show. */
  readonly token = randomUUID();
  readonly #env: Readonly<Record<string, string>>;
  readonly #files: readonly string[];

  private constructor({ images, bench, env, files = [] }: ComposeOptions) {
    const folder = bench.path;
    this.#env = {
      COMPOSE_PROJECT_NAME: this.name,
      SERVER_IMAGE: images.server,
      WORKER_IMAGE: images.worker,
      COMMAND_IMAGE: images.muster,
      TOKEN_FILE: join(folder, 'secrets', this.name),
      DATA: bench.data,
      ...env,
    };
    const all = ['compose.yaml', 'compose.data.yaml', ...files];
    this.#files = all.map((file) => join(ROOT, 'deploy', file));
  }

  /** Writes the token's file; starts nothing. */
  static async create(options: ComposeOptions): Promise<ComposeProject> {
    const project = new ComposeProject(options);
    await mkdir(join(options.bench.path, 'secrets'), {
      recursive: true,
      mode: 0o700,
    });
    const file = join(options.bench.path, 'secrets', project.name);
    await writeFile(file, project.token, { mode: 0o644 });
    return project;
  }

  /** Runs `docker-compose WORDS...`, which has to end well. */
  run(...words: readonly string[]): Promise<string> {
    return run(
      'docker-compose',
      [...this.#files.flatMap((file) => ['-f', file]), ...words],
      {
        env: this.#env,
      },
    );
  }

  /** Ids of a service's containers, ended ones among them. */
  async containers(service: string): Promise<string[]> {
    return linesOf(
      await docker(
        ...['ps', '-aq', '--filter', `label=${PROJECT_LABEL}=${this.name}`],
        ...['--filter', `label=com.docker.compose.service=${service}`],
      ),
    );
  }

  /** The one container of a service. */
  async container(service: string): Promise<string> {
    const [id, ...more] = await this.containers(service);
    if (id !== undefined && more.length === 0) return id;
    throw new Error(`${more.length + 1} containers of ${service}`);
  }

  /** Waits until the server has logged an event so often. */
  async heard(event: string, times = 1): Promise<void> {
    await followLogs(
      await this.container('server'),
      `${event} of the server, ${times} times`,
      (lines) => lines.filter((one) => one['event'] === event).length >= times,
    );
  }

  /** Waits until a service's containers have ended; their exit codes. */
  async exits(service: string): Promise<number[]> {
    const ids = await this.containers(service);
    return linesOf(await docker('wait', ...ids)).map(Number);
  }

  /** All that a service's containers wrote. */
  async logs(service: string): Promise<string> {
    const all = await Promise.all((await this.containers(service)).map(logsOf));
    return all.map(({ stdout, stderr }) => stdout + stderr).join('');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await sweepCompose((name) => name === this.name);
  }
}

/** What a container wrote so far. */
export function logsOf(id: string): Promise<Ended> {
  return ended('docker', ['logs', id]);
}

/**
 * Removes what projects of tests have made: by their label, so that it does
 * not matter what of them is still there.
 */
export async function sweepCompose(
  isTheirs: (project: string) => boolean = () => true,
): Promise<void> {
  const format = `{{.ID}} {{.Label "${PROJECT_LABEL}"}}`;
  const named = `{{.Name}} {{.Label "${PROJECT_LABEL}"}}`;
  const filter = ['--filter', `label=${PROJECT_LABEL}`];
  const found = async (...words: string[]) =>
    linesOf(await docker(...words, ...filter))
      .map((line) => line.split(' '))
      .filter(([, project = '']) => project.startsWith(PREFIX))
      .filter(([, project = '']) => isTheirs(project))
      .flatMap(([id]) => id ?? []);
  const removed = async (ids: readonly string[], ...words: string[]) => {
    if (ids.length > 0) await docker(...words, ...ids);
  };
  await removed(await found('ps', '-a', '--format', format), 'rm', '-fv');
  await removed(
    await found('network', 'ls', '--format', format),
    'network',
    'rm',
  );
  await removed(await found('volume', 'ls', '--format', named), 'volume', 'rm');
}
