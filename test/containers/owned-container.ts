/**
 * A container that a test starts through testcontainers: labelled with its
 * owner, on one network only, with what testcontainers has no words for.
 */
import { accessSync } from 'node:fs';
import { GenericContainer } from 'testcontainers';
import type { WaitStrategy } from 'testcontainers';
import { engine } from './engine.js';
import { LiveContainer } from './live-container.js';
import type { Attachment } from './live-container.js';
import { OWNER_LABEL } from './owner.js';

/** Memory that a container may take, without any swap. */
const BYTES_PER_MIB = 1024 ** 2;

/** How a container is started. */
export interface ContainerOptions {
  readonly image: string;
  readonly owner: string;
  readonly attachment: Attachment;
  readonly env?: Readonly<Record<string, string>>;
  readonly entrypoint?: readonly string[];
  readonly command?: readonly string[];
  /** Folders and files of this machine, read-only, by their path inside. */
  readonly files?: Readonly<Record<string, string>>;
  /** Volumes by their path inside. */
  readonly volumes?: Readonly<Record<string, string>>;
  /** Ports that are published under free ones of this machine. */
  readonly ports?: readonly number[];
  readonly tmpfs?: readonly string[];
  readonly memoryMiB?: number;
  /** Size of `/dev/shm`. */
  readonly sharedMemoryMiB?: number;
  /** Whether the engine starts it again when it fails. Default: no. */
  readonly restarts?: boolean;
  /** What a start waits for. Default: nothing; the container runs. */
  readonly until?: WaitStrategy;
}

/** Waits for nothing. */
const AT_ONCE: WaitStrategy = {
  waitUntilReady: () => Promise.resolve(),
  withStartupTimeout: () => AT_ONCE,
  isStartupTimeoutSet: () => true,
  getStartupTimeout: () => 0,
};

/** Starts one; a container that does not come up is gone again. */
export async function startContainer(
  options: ContainerOptions,
): Promise<LiveContainer> {
  const container = new OwnedContainer(options);
  try {
    await container.start();
  } catch (error) {
    await (await container.live())?.[Symbol.asyncDispose]();
    throw error;
  }
  const live = await container.live();
  if (live === undefined) throw new Error('a container without an id');
  return live;
}

class OwnedContainer extends GenericContainer {
  readonly #attachment: Attachment;
  #id: string | undefined;

  constructor(options: ContainerOptions) {
    super(options.image);
    const { attachment, files = {}, volumes = {}, env = {} } = options;
    this.#attachment = attachment;
    // the engine would make an empty folder of what is not there
    for (const path of Object.values(files)) accessSync(path);
    this.withLabels({ [OWNER_LABEL]: options.owner });
    this.withEnvironment(env).withWaitStrategy(options.until ?? AT_ONCE);
    this.withStartupTimeout(60_000);
    if (options.entrypoint) this.withEntrypoint([...options.entrypoint]);
    if (options.command) this.withCommand([...options.command]);
    this.withExposedPorts(...(options.ports ?? []));
    const paths = (options.tmpfs ?? []).map((path) => [path, 'rw']);
    this.withTmpFs(Object.fromEntries(paths) as Record<string, string>);
    const mounts = (of: Readonly<Record<string, string>>, mode: 'ro' | 'rw') =>
      Object.entries(of).map(([target, source]) => ({ source, target, mode }));
    this.withBindMounts([...mounts(files, 'ro'), ...mounts(volumes, 'rw')]);
    this.#limit(options);
    this.#attach();
  }

  /** The container, once there is one. */
  async live(): Promise<LiveContainer | undefined> {
    if (this.#id === undefined) return undefined;
    return new LiveContainer(await engine(), this.#id, this.#attachment);
  }

  protected override async containerCreated(id: string): Promise<void> {
    this.#id = id;
  }

  #limit({ memoryMiB, sharedMemoryMiB, restarts }: ContainerOptions): void {
    if (memoryMiB !== undefined) {
      const bytes = memoryMiB * BYTES_PER_MIB;
      Object.assign(this.hostConfig, { Memory: bytes, MemorySwap: bytes });
    }
    if (sharedMemoryMiB !== undefined) {
      this.withSharedMemorySize(sharedMemoryMiB * BYTES_PER_MIB);
    }
    if (restarts === true) {
      this.hostConfig.RestartPolicy = { Name: 'on-failure' };
    }
  }

  /** `withNetworkAliases` would leave it on the default network as well. */
  #attach(): void {
    const { network, aliases } = this.#attachment;
    this.withNetworkMode(network);
    if (aliases[0] !== undefined) this.withHostname(aliases[0]);
    this.createOpts.NetworkingConfig = {
      EndpointsConfig: { [network]: { Aliases: [...aliases] } },
    };
  }
}
