/**
 * A real Slurm of one node, started by hand in a folder: its own munge key,
 * configuration, ports and state, so that it is nobody else's.
 */
import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { eventually } from '../cluster/eventually.js';
import {
  MARK_VARIABLE,
  killAll,
  processesMarked,
} from '../cluster/process-table.js';
import { inheritedEnvironment } from '../cluster/muster-process.js';
import { freePorts } from './free-ports.js';

/** Programs of Debian's packages slurm-wlm and munge. */
const PROGRAMS = ['munged', 'slurmctld', 'slurmd', 'sbatch', 'srun'];
/** How long a daemon may take to answer. Milliseconds. */
const START_MS = 30_000;
/** More than a CI machine has: the tasks of a test are small. */
const CPUS = 4;

/** Why Slurm cannot be started here; undefined where it can. */
export function missingSlurm(): string | undefined {
  if (process.getuid?.() !== 0) return 'Slurm: only root can start it here';
  const isThere = (name: string) =>
    spawnSync('sh', ['-c', `command -v ${name}`], { env: slurmPath() })
      .status === 0;
  const missing = PROGRAMS.filter((name) => !isThere(name));
  if (missing.length === 0) return undefined;
  return `${missing.join(', ')} not found: apt-get install slurm-wlm munge`;
}

/**
 * The daemons lie where only root looks. A job has the variables of whoever
 * submits it: none of the test's runner, which would be settings of ours.
 */
function slurmPath(): NodeJS.ProcessEnv {
  const environment = inheritedEnvironment();
  const { PATH = '' } = environment;
  return { ...environment, PATH: `${PATH}:/usr/sbin:/sbin` };
}

/** See the head of this file. Disposing of it ends its daemons and its jobs. */
export class OneNodeSlurm implements AsyncDisposable {
  readonly #folder: string;
  readonly #mark = randomUUID();
  readonly #daemons: ChildProcess[] = [];

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /** Starts it in a folder of its own; resolves when the node is idle. */
  static async start(folder: string): Promise<OneNodeSlurm> {
    const slurm = new OneNodeSlurm(folder);
    try {
      await slurm.#begin();
      return slurm;
    } catch (error) {
      await slurm[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Variables for its commands. */
  get environment(): Readonly<Record<string, string>> {
    return {
      SLURM_CONF: join(this.#folder, 'slurm.conf'),
      [MARK_VARIABLE]: this.#mark,
    };
  }

  /**
   * Runs one of its commands; gives what it prints.
   * @throws Error with what it said when it fails.
   */
  run(
    command: string,
    words: readonly string[],
    env: NodeJS.ProcessEnv = {},
  ): string {
    const { stdout, stderr, status } = spawnSync(command, words, {
      env: { ...slurmPath(), ...this.environment, ...env },
      cwd: this.#folder,
      encoding: 'utf8',
      timeout: START_MS,
    });
    if (status === 0) return stdout;
    throw new Error(`${command} ${words.join(' ')}: ${stdout}${stderr}`);
  }

  /** The state of a job: `PENDING`, `RUNNING`, `COMPLETED`, ... */
  stateOf(job: string): string {
    const text = this.run('scontrol', ['show', 'job', job]);
    return /JobState=(\w+)/.exec(text)?.[1] ?? 'unknown';
  }

  /** What its daemons have written, for messages. */
  async logs(): Promise<string> {
    const names = ['munged.log', 'slurmctld.log', 'slurmd.log'];
    const said = await Promise.all(
      names.map((name) =>
        readFile(join(this.#folder, name), 'utf8').catch(() => ''),
      ),
    );
    return said.join('\n');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const daemon of this.#daemons.reverse()) {
      if (daemon.exitCode !== null || daemon.signalCode !== null) continue;
      const gone = once(daemon, 'exit');
      daemon.kill('SIGTERM');
      const timer = setTimeout(() => daemon.kill('SIGKILL'), 5000);
      await gone;
      clearTimeout(timer);
    }
    // what a job that was not waited for has left
    killAll(await processesMarked(this.#mark));
  }

  async #begin(): Promise<void> {
    const folder = this.#folder;
    const [controller = 0, node = 0] = await freePorts(2);
    for (const name of ['state', 'spool']) {
      await mkdir(join(folder, name), { recursive: true });
    }
    await writeFile(join(folder, 'munge.key'), randomBytes(1024), {
      mode: 0o400,
    });
    // it has to be named, though nothing here uses any
    const cgroups = 'CgroupPlugin=cgroup/v1\nCgroupAutomount=no\n';
    await writeFile(join(folder, 'cgroup.conf'), cgroups);
    const text = configuration(folder, controller, node);
    await writeFile(join(folder, 'slurm.conf'), text);
    this.#start('munged', [
      ...['--foreground', '--force', '--key-file', join(folder, 'munge.key')],
      ...['--socket', join(folder, 'munge.socket')],
      ...['--pid-file', join(folder, 'munged.pid')],
      ...['--seed-file', join(folder, 'munged.seed')],
      ...['--log-file', join(folder, 'munged.log')],
    ]);
    await this.#until('munge', () =>
      this.run('munge', ['-n', '--socket', join(folder, 'munge.socket')]),
    );
    this.#start('slurmctld', ['-D', '-i']);
    this.#start('slurmd', ['-D', '-N', hostname()]);
    await this.#until('an idle node', () => {
      const state = this.run('sinfo', ['--noheader', '--format=%T']).trim();
      return state === 'idle';
    });
  }

  #start(command: string, words: readonly string[]): void {
    const daemon = spawn(command, words, {
      env: { ...slurmPath(), ...this.environment },
      cwd: this.#folder,
      stdio: 'ignore',
    });
    daemon.on('error', () => undefined); // then it does not answer
    this.#daemons.push(daemon);
  }

  async #until(what: string, probe: () => unknown): Promise<void> {
    try {
      await eventually(what, () => attempt(probe), START_MS);
    } catch (cause) {
      const said = await this.logs();
      throw new Error(`Slurm has no ${what}:\n${said}`, { cause });
    }
  }
}

/** Whether it gives something; a failure is a not yet. */
function attempt(probe: () => unknown): boolean {
  try {
    return Boolean(probe());
  } catch {
    return false;
  }
}

function configuration(folder: string, controller: number, node: number) {
  const name = hostname();
  return [
    'ClusterName=muster-test',
    `SlurmctldHost=${name}(127.0.0.1)`,
    'SlurmUser=root',
    'SlurmdUser=root',
    `SlurmctldPort=${controller}`,
    `SlurmdPort=${node}`,
    'AuthType=auth/munge',
    // a job that is queued again waits until its old credential is void
    `AuthInfo=socket=${join(folder, 'munge.socket')},cred_expire=5`,
    `StateSaveLocation=${join(folder, 'state')}`,
    `SlurmdSpoolDir=${join(folder, 'spool')}`,
    `SlurmctldPidFile=${join(folder, 'slurmctld.pid')}`,
    `SlurmdPidFile=${join(folder, 'slurmd.pid')}`,
    `SlurmctldLogFile=${join(folder, 'slurmctld.log')}`,
    `SlurmdLogFile=${join(folder, 'slurmd.log')}`,
    'ProctrackType=proctrack/linuxproc',
    'TaskPlugin=task/none',
    'SelectType=select/cons_tres',
    'SelectTypeParameters=CR_CPU',
    'JobAcctGatherType=jobacct_gather/none',
    'AccountingStorageType=accounting_storage/none',
    'MpiDefault=none',
    'ReturnToService=2',
    // a job that comes before the node has reported waits 60 s by default
    'SchedulerParameters=sched_interval=2,batch_sched_delay=0',
    'SlurmdParameters=config_overrides',
    `NodeName=${name} NodeAddr=127.0.0.1 CPUs=${CPUS} RealMemory=16000 State=UNKNOWN`,
    'PartitionName=test Nodes=ALL Default=YES MaxTime=INFINITE State=UP',
    '',
  ].join('\n');
}
