/**
 * A cluster of containers: a network, a volume that the muster image's
 * `create` has made a run in, parameter servers, and workers. Whatever befalls
 * a test, disposing of it leaves nothing on the engine.
 */
import { randomUUID } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Wait } from 'testcontainers';
import { SlowLine } from '../cluster/slow-line.js';
import { engine, unlessGone } from './engine.js';
import type { Engine } from './engine.js';
import { METRICS_PORT } from './live-container.js';
import type { LiveContainer } from './live-container.js';
import { startContainer } from './owned-container.js';
import type { ContainerOptions } from './owned-container.js';
import { OWNER_LABEL } from './owner.js';
import { planWords, LEASES } from './plan.js';
import { readArchive } from './read-archive.js';
import { outcomeOfRun } from './run-outcome.js';
import type { RunOutcome } from './run-outcome.js';

/** Where the run's volume is in every container that has it. */
export const RUNS = '/runs';
/** The run's name. */
export const RUN = 'run';
/** Where the data set is in a container. */
const DATA = '/data';
/** Where the images look for the token. */
const TOKEN = '/run/secrets/muster-token';
/** Port of a server for workers. */
export const PORT = 7070;

/** What a stage needs. */
export interface StageOptions {
  readonly images: { server: string; worker: string; muster: string };
  /** Whoever runs the tests; see `owner.ts`. */
  readonly owner: string;
  /** A folder of the test's, and the folder of the data set in it. */
  readonly bench: { readonly path: string; readonly data: string };
  /** Default: 1. */
  readonly servers?: number;
  /** Default: the plan's. */
  readonly epochs?: number;
}

/** Anything of a container that one test needs otherwise. */
export type Changes = Partial<Omit<ContainerOptions, 'attachment' | 'owner'>>;

/** See the head of this file. */
export class ClusterStage implements AsyncDisposable {
  readonly servers: LiveContainer[] = [];
  readonly workers: LiveContainer[] = [];
  /** Of the network and of the volume. */
  readonly name: string;
  /** Of the run, on this machine, for the workers' containers. */
  readonly tokenFile: string;
  readonly #engine: Engine;
  readonly #options: StageOptions;
  /** Of the workers: slow until the end is waited for. */
  readonly #line: SlowLine;

  private constructor(api: Engine, options: StageOptions) {
    this.#engine = api;
    this.#options = options;
    this.#line = SlowLine.begin(options.bench.path);
    this.name = `muster-test-${randomUUID().slice(0, 8)}`;
    this.tokenFile = join(options.bench.path, `${this.name}.token`);
  }

  /** Makes network, volume and run; nothing runs yet. */
  static async create(options: StageOptions): Promise<ClusterStage> {
    const stage = new ClusterStage(await engine(), options);
    try {
      await stage.#create();
      return stage;
    } catch (error) {
      await stage[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** The first server: it coordinates. */
  get coordinator(): LiveContainer {
    const [first] = this.servers;
    if (first === undefined) throw new Error('no server was started');
    return first;
  }

  /** Starts all servers, and gives the first one when all of them listen. */
  async serve(changes: Changes = {}): Promise<LiveContainer> {
    const { servers = 1 } = this.#options;
    for (let shard = 0; shard < servers; shard++) {
      this.servers.push(await this.#startServer(shard, changes));
    }
    return this.coordinator;
  }

  /** Starts `worker-0`, `worker-1`, ..., all at once. */
  async work(
    numWorkers: number,
    changes: Changes = {},
  ): Promise<LiveContainer[]> {
    const from = this.workers.length;
    const names = Array.from(
      { length: numWorkers },
      (_, i) => `worker-${from + i}`,
    );
    return Promise.all(names.map((name) => this.startWorker(name, changes)));
  }

  /** Starts a worker. */
  async startWorker(
    name: string,
    changes: Changes = {},
  ): Promise<LiveContainer> {
    const worker = await this.start(
      [name, 'worker'],
      this.options(name, changes),
    );
    this.workers.push(worker);
    return worker;
  }

  /** How a worker is started. */
  options(name: string, { env, files, ...changes }: Changes): Changes {
    const { images, bench } = this.#options;
    const line = this.#line.inContainer;
    return {
      image: images.worker,
      env: {
        WORKER_SERVER: `ws://server-0:${PORT}`,
        WORKER_ID: name,
        WORKER_BACKEND: 'wasm',
        WORKER_DATA: DATA,
        ...line.env,
        ...env,
      },
      files: {
        ...{ [DATA]: bench.data, [TOKEN]: this.tokenFile },
        ...line.files,
        ...files,
      },
      ports: [METRICS_PORT],
      ...changes,
    };
  }

  /** Starts a container on the stage's network, under these names. */
  start(aliases: readonly string[], changes: Changes): Promise<LiveContainer> {
    return startContainer({
      image: this.#options.images.muster,
      ...changes,
      owner: this.#options.owner,
      attachment: { network: this.name, aliases },
    });
  }

  /** Waits for the orderly end of every server; gives what the run came to. */
  async outcome(): Promise<RunOutcome> {
    this.#line.end();
    for (const server of this.servers) {
      const { code, stderr } = await server.exit();
      if (code !== 0) throw new Error(`${server.name}: ${code}\n${stderr}`);
    }
    return this.readRun(outcomeOfRun);
  }

  /** Copies the run out of its volume, to be read for so long. */
  async readRun<T>(read: (folder: string) => Promise<T>): Promise<T> {
    const archive = await this.coordinator.archive(`${RUNS}/${RUN}`);
    return readArchive(archive, RUN, read);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const containers = [...this.workers, ...this.servers];
    await Promise.all(containers.map((one) => one[Symbol.asyncDispose]()));
    await unlessGone(this.#engine.getNetwork(this.name).remove());
    await unlessGone(this.#engine.getVolume(this.name).remove());
  }

  async #create(): Promise<void> {
    const { owner, bench, servers = 1, epochs } = this.#options;
    const labels = { [OWNER_LABEL]: owner };
    await this.#engine.createNetwork({ Name: this.name, Labels: labels });
    await this.#engine.createVolume({ Name: this.name, Labels: labels });
    await using creator = await this.start(['creator'], {
      files: { [DATA]: bench.data },
      volumes: { [RUNS]: this.name },
      command: [
        ...['create', RUN, '--out', RUNS, '--data', DATA],
        ...['--servers', String(servers), ...planWords(epochs)],
      ],
    });
    const { code, stderr } = await creator.exit();
    if (code !== 0) throw new Error(`muster create: ${code}\n${stderr}`);
    const token = await creator.archive(`${RUNS}/${RUN}/token`);
    await writeFile(
      this.tokenFile,
      await readArchive(token, 'token', readFile),
    );
  }

  #startServer(shard: number, { env, ...changes }: Changes) {
    const { images, servers = 1 } = this.#options;
    const name = `server-${shard}`;
    return this.start([name, 'server'], {
      image: images.server,
      env: {
        PS_RUN: `${RUNS}/${RUN}`,
        PS_ADVERTISE: `ws://${name}:${PORT}`,
        PS_TOKEN_FILE: `${RUNS}/${RUN}/token`,
        PS_SHARD: String(shard),
        PS_SHARDS: String(servers),
        ...(shard > 0 && { PS_COORDINATOR: `ws://server-0:${PORT}` }),
        ...LEASES.long,
        ...env,
      },
      volumes: { [RUNS]: this.name },
      ports: [METRICS_PORT],
      until: Wait.forLogMessage(/"event":"listening"/),
      ...changes,
    });
  }
}
