/**
 * One stack of `deploy/swarm/stack.yaml` on a Swarm of this machine alone, as
 * a test starts it on the small data set; nothing of it is left when it is
 * disposed of, the Swarm itself included if the test has made it.
 */
import { randomUUID } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { eventually } from '../cluster/eventually.js';
import type { Workbench } from '../cluster/workbench.js';
import { logsOf } from './compose-project.js';
import { docker, linesOf, run } from './docker.js';
import { followLogs, logLines } from './follow-logs.js';
import type { Line } from './follow-logs.js';
import { ROOT } from './images.js';
import type { Images } from './images.js';

/** How a stack is made. */
export interface StackOptions {
  readonly bench: Workbench;
  readonly images: Images;
  /** Text of the file with the settings of `muster create`. */
  readonly plan: string;
  /** Cores that each worker may use at most. */
  readonly workerCpus: number;
}

const PREFIX = 'muster-test-swarm-';
const STACK_LABEL = 'com.docker.stack.namespace';
/** On the node of a Swarm that a test has made. */
const MADE_LABEL = 'muster.test.made';
/** How long the engine takes to end what a stack is made of. */
const GONE_MS = 60_000;
/** Each question is a process of its own. */
const ASK_AGAIN_MS = 500;

/** See the head of this file. */
export class SwarmStack implements AsyncDisposable {
  readonly name = `${PREFIX}${randomUUID().slice(0, 8)}`;
  readonly #env: Readonly<Record<string, string>>;

  private constructor({ bench, images, workerCpus }: StackOptions) {
    this.#env = {
      SERVER_IMAGE: images.server,
      WORKER_IMAGE: images.worker,
      COMMAND_IMAGE: images.muster,
      TOKEN_FILE: join(bench.path, this.name, 'token'),
      CONFIG_FILE: join(bench.path, this.name, 'training.yaml'),
      DATA: bench.data,
      WORKER_CPUS: String(workerCpus),
    };
  }

  /** Makes a Swarm if there is none, and deploys. */
  static async deploy(options: StackOptions): Promise<SwarmStack> {
    const stack = new SwarmStack(options);
    try {
      await stack.#deploy(options);
      return stack;
    } catch (error) {
      await stack[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Says how many workers there are to be; does not wait for them. */
  async scale(numWorkers: number): Promise<void> {
    const service = `${this.name}_worker=${numWorkers}`;
    await docker('service', 'scale', '--detach', service);
  }

  /**
   * Waits for a service's container that runs, or has ended well, and gives
   * its id: those that came too early have failed, and stay for a while.
   */
  container(service: string): Promise<string> {
    const label = `com.docker.swarm.service.name=${this.name}_${service}`;
    const words = ['ps', '-aq', '--no-trunc', '--filter', `label=${label}`];
    return eventually(`a container of ${service}`, async () => {
      const [running] = linesOf(
        await docker(...words, '--filter', 'status=running'),
      );
      if (running !== undefined) return running;
      const [done] = linesOf(await docker(...words, '--filter', 'exited=0'));
      if (done === undefined) await pause(ASK_AGAIN_MS);
      return done;
    });
  }

  /**
   * Waits for a condition on the server's log. A server that came before its
   * run was made ends with an error, and the engine starts another: the wait
   * goes on with that one's log.
   */
  async until(
    what: string,
    holds: (lines: readonly Line[]) => boolean,
  ): Promise<void> {
    for (;;) {
      const server = await this.container('server');
      try {
        return await followLogs(server, what, holds);
      } catch (error) {
        if (!(await hasFailed(server))) throw error;
      }
    }
  }

  /** Lines of the server's log so far. */
  async heard(): Promise<Line[]> {
    return logLines((await logsOf(await this.container('server'))).stderr);
  }

  /** SHA-256 of the newest parameters in the run's volume. */
  async sha256(image: string, data: string): Promise<string> {
    const said = await docker(
      ...['run', '--rm', '--network', 'none', '-v', `${this.name}_runs:/runs`],
      ...['-v', `${data}:/data:ro`, image, 'evaluate', 'training', '--json'],
    );
    return (JSON.parse(said) as { parametersSha256: string }).parametersSha256;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await sweepSwarm();
  }

  async #deploy({ bench, plan }: StackOptions): Promise<void> {
    const folder = join(bench.path, this.name);
    await mkdir(folder, { mode: 0o700 });
    await writeFile(join(folder, 'token'), randomUUID());
    await writeFile(join(folder, 'training.yaml'), plan);
    if ((await swarmState()) !== 'active') {
      await docker('swarm', 'init', '--advertise-addr', '127.0.0.1');
      await label('--label-add', `${MADE_LABEL}=true`);
    }
    await label('--label-add', 'muster.runs=true');
    const files = [
      join(ROOT, 'deploy', 'swarm', 'stack.yaml'),
      join(ROOT, 'test', 'containers', 'swarm.small-data.yaml'),
    ];
    await run(
      'docker',
      [
        ...['stack', 'deploy', ...files.flatMap((file) => ['-c', file])],
        // there is no registry to ask which image a name means
        ...['--resolve-image', 'never', this.name],
      ],
      { env: this.#env },
    );
  }
}

/** Whether a container has ended with an error, or is gone since. */
async function hasFailed(id: string): Promise<boolean> {
  const format = '{{.State.Running}} {{.State.ExitCode}}';
  const ask = () => docker('inspect', '--format', format, id).catch(() => '');
  let state = await ask();
  if (state.startsWith('true')) {
    // its log ends a moment before it does
    await pause(ASK_AGAIN_MS);
    state = await ask();
  }
  return state !== 'false 0' && !state.startsWith('true');
}

function swarmState(): Promise<string> {
  return docker('info', '--format', '{{.Swarm.LocalNodeState}}');
}

async function label(how: string, what: string): Promise<void> {
  await docker('node', 'update', how, what, await thisNode());
}

function thisNode(): Promise<string> {
  return docker('info', '--format', '{{.Swarm.NodeID}}');
}

/** Removes the stacks of tests, and the Swarm that one has made. */
export async function sweepSwarm(): Promise<void> {
  const isActive = (await swarmState()) === 'active';
  if (isActive) {
    const all = linesOf(await docker('stack', 'ls', '--format', '{{.Name}}'));
    const ours = all.filter((name) => name.startsWith(PREFIX));
    if (ours.length > 0) await docker('stack', 'rm', ...ours);
    await gone('container', () => found('ps', '-a', NAMES));
    await gone('network', () => found('network', 'ls', NAME));
  } else {
    // of a Swarm that was left before it had cleared up
    const containers = await found('ps', '-a', NAMES);
    if (containers.length > 0) await docker('rm', '-fv', ...containers);
  }
  const volumes = await found('volume', 'ls', NAME);
  if (volumes.length > 0) await docker('volume', 'rm', ...volumes);
  if (isActive && (await isMade())) await docker('swarm', 'leave', '--force');
}

const NAMES = '--format={{.Names}}';
const NAME = '--format={{.Name}}';

/** Names of what is of a test's stack. */
async function found(...words: readonly string[]): Promise<string[]> {
  const filter = ['--filter', `label=${STACK_LABEL}`];
  const names = linesOf(await docker(...words, ...filter));
  return names.filter((name) => name.startsWith(PREFIX));
}

async function gone(what: string, list: () => Promise<string[]>) {
  const isGone = async () => {
    if ((await list()).length === 0) return true;
    await pause(ASK_AGAIN_MS);
    return false;
  };
  await eventually(`the end of every ${what} of a stack`, isGone, GONE_MS);
}

/** Whether a test has made the Swarm. */
async function isMade(): Promise<boolean> {
  const words = ['node', 'inspect', '-f', '{{json .Spec.Labels}}', 'self'];
  return (await docker(...words)).includes(MADE_LABEL);
}
