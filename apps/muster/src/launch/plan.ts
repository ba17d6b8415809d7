/**
 * What is done on each host, as values: commands, paths and orders. Nothing
 * is started here; `--print` shows it, and a launch carries it out.
 */
import { createHash } from 'node:crypto';
import { basename, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { metricsAccess } from '../processes/access-options.js';
import { tlsEnvironment } from '../processes/environments.js';
import { WORKER_THREADS } from '../processes/worker-threads.js';
import type { Settings } from '../settings/read-settings.js';
import type { Host } from './hosts.js';
import type { LaunchOptions } from './launch-options.js';
import type { HostSecrets, Order } from './orders.js';
import { serverFlags } from './train-words.js';
import { sshWords } from './ssh.js';
import type { SshOptions } from './ssh.js';
import { musterCommand } from './words.js';
import type { ProgramPlace } from './words.js';

/** The root folder of this checkout, without a slash at its end. */
export const ROOT = fileURLToPath(
  new URL('../../../../', import.meta.url),
).replace(/\/$/, '');

/** Where Muster is put below the home of who logs in. */
const DEFAULT_FOLDER = '~/.cache/muster/launch';
/** How long a host may take to be reached. */
const CONNECT_TIMEOUT_SECONDS = 10;
/** An agent gives so many signs of life within the time of silence. */
const HEARTBEATS_PER_TIMEOUT = 5;

/** See the head of this file. */
export class LaunchPlan {
  readonly options: LaunchOptions;
  readonly settings: Settings;
  readonly ssh: SshOptions;
  /** Folder of the runs at the hosts; relative to where Muster lies there. */
  readonly out: string;
  /** Folder of the data set at the hosts, as `out`; none for MNIST. */
  readonly data: string | undefined;

  /** @param settings those of `train`, read here. */
  constructor(options: LaunchOptions, settings: Settings) {
    this.options = options;
    this.settings = settings;
    const { sshConfig: config, hostTimeoutMs, isSynced } = options;
    const connectTimeoutSeconds = Math.min(
      CONNECT_TIMEOUT_SECONDS,
      Math.ceil(hostTimeoutMs / 1000),
    );
    this.ssh = {
      connectTimeoutSeconds,
      ...(config !== undefined && { config }),
    };
    this.out = isSynced ? 'runs' : resolve(settings.out);
    this.data = dataFolder(settings.data, isSynced);
  }

  /** Where Muster lies on a host. */
  placeOf({ folder, node }: Host): ProgramPlace {
    const { options } = this;
    const usual = options.isSynced ? DEFAULT_FOLDER : ROOT;
    return {
      folder: folder ?? options.folder ?? usual,
      node: node ?? options.node,
    };
  }

  /** The words that start the agent of a host. */
  agentWords(host: Host): string[] {
    const command = musterCommand(this.placeOf(host), ['agent']);
    return sshWords(host, this.ssh, command);
  }

  /** How often both ends give a sign of life. */
  get heartbeatMs(): number {
    return Math.floor(this.options.hostTimeoutMs / HEARTBEATS_PER_TIMEOUT);
  }

  /** The first order of an agent. */
  begin(secrets: HostSecrets): Order {
    const { hostTimeoutMs: timeoutMs } = this.options;
    const { heartbeatMs } = this;
    return { type: 'begin', ...secrets, heartbeatMs, timeoutMs };
  }

  /**
   * Starts the servers.
   * @param address of their host, as the other hosts reach it.
   * @param numWorkers of all hosts that take part, for metrics.
   */
  server(address: string, numWorkers: number): Order {
    const { settings } = this;
    const { given, listen, resume } = settings;
    return {
      type: 'server',
      args: [
        ...['server', ...serverFlags(settings), '--out', this.out],
        ...['--expect-workers', String(numWorkers)],
        ...(this.data === undefined ? [] : ['--data', this.data]),
        ...(resume === undefined ? [] : ['--resume', this.#resumed(resume)]),
      ],
      address,
      ...(given.includes('listen') && { listen: { ...listen } }),
    };
  }

  /**
   * Starts the workers of a host.
   * @param url of all who may coordinate, with commas between.
   */
  workers(host: Host, url: string): Order {
    const { backend, logLevel, metrics, metricsListen, maxRestarts } =
      this.settings;
    const { tlsCert: cert, tlsKey: key, tlsCa: ca } = this.settings;
    return {
      type: 'workers',
      names: workerNames(host),
      maxRestarts,
      env: {
        ...WORKER_THREADS,
        WORKER_SERVER: url,
        WORKER_BACKEND: backend,
        WORKER_LOG_LEVEL: logLevel,
        WORKER_METRICS: String(metrics),
        WORKER_METRICS_HOST: metricsListen.host,
        ...(this.data !== undefined && { WORKER_DATA: this.data }),
        ...metricsAccess('WORKER', this.settings),
        ...tlsEnvironment('WORKER', { cert, key, ca }),
      },
    };
  }

  /** A run that goes on: its name in `out`, where it is put or still lies. */
  #resumed(resume: string): string {
    if (resume === 'auto') return resume;
    return this.options.isSynced ? basename(resume) : resolveRun(resume);
  }
}

/**
 * The workers of a host by name: unique in the run, the same in each life, and
 * as the host's certificate allows them to be named.
 */
export function workerNames({ name, slots }: Host): string[] {
  const plain = name.replaceAll(/[^A-Za-z0-9._-]/g, '-').slice(0, 55);
  return Array.from({ length: slots }, (_, i) => `${plain}-${i}`);
}

/** A data set that is copied has a folder of its own for each source. */
function dataFolder(
  data: string | undefined,
  isSynced: boolean,
): string | undefined {
  if (data === undefined || !isSynced) return data && resolve(data);
  const path = resolve(data);
  const hash = createHash('sha256').update(path).digest('hex').slice(0, 8);
  return `data/${hash}`;
}

/** A run by its folder is one by its absolute folder; a name stays a name. */
function resolveRun(resume: string): string {
  return resume.includes('/') ? resolve(resume) : resume;
}
