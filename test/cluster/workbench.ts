/**
 * A folder of a spec file's own: a small data set, runs, and whatever a test
 * writes; gone afterwards.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { syntheticDataset, writeDataset } from '@muster/data';
import type { DatasetInput } from '@muster/data';
import type { StartOptions } from './muster-process.js';
import { SlowLine } from './slow-line.js';
import { Training } from './training.js';

/** The backends that have to give the same bits, each its own. */
export const BACKENDS = ['tensorflow', 'wasm'] as const;
/** One of {@link BACKENDS}. */
export type Backend = (typeof BACKENDS)[number];

/** Training pictures of the small data set. */
export const NUM_TRAIN = 600;
/** Test pictures of the small data set. */
export const NUM_TEST = 200;
/** Examples a step, in 4 leaves. */
export const GLOBAL_BATCH = 40;
/** 600 examples in steps of 40. */
export const STEPS_PER_EPOCH = NUM_TRAIN / GLOBAL_BATCH;
/** Passes over the training set, unless a test says another number. */
export const EPOCHS = 3;
/** Passes of a run that no test sees the end of. */
export const ENDLESS = 1_000_000;
/** Steps of a whole run. */
export const TOTAL_STEPS = EPOCHS * STEPS_PER_EPOCH;

/** A lease that ends while a test waits. */
export const SHORT_LEASE = ['--lease-ms', '1000', '--heartbeat-ms', '200'];
/**
 * A lease that does not end while a test waits; nor is who was stopped in the
 * midst of a frame cut off for being slow.
 */
export const LONG_LEASE = [
  ...['--lease-ms', '60000', '--heartbeat-ms', '1000'],
  ...['--min-bytes-per-second', '0'],
];

/** How a run is started. */
export interface TrainOptions extends StartOptions {
  /** Default: wasm, which starts fastest. */
  readonly backend?: Backend;
  /** Default: 1. */
  readonly workers?: number;
  /** Default: 1. */
  readonly servers?: number;
  /** Standbys a server. Default: 0. */
  readonly standby?: 0 | 1;
  /** Default: `EPOCHS`. */
  readonly epochs?: number;
  /** Further words of the command line. */
  readonly flags?: readonly string[];
  /** Whether the end is told as JSON. Default: true. */
  readonly json?: boolean;
  /**
   * Whether a step takes a while on any machine, until a good end is waited
   * for: where something is done in the middle. Default: false.
   */
  readonly slow?: boolean;
}

/** See the head of this file. Made before the tests, disposed of after. */
export class Workbench implements AsyncDisposable {
  /** The folder, absolute. */
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  /** Makes a folder with a data set in it; `small` is made when not given. */
  static async create(dataset?: DatasetInput): Promise<Workbench> {
    const bench = new Workbench(await mkdtemp(join(tmpdir(), 'muster-test-')));
    await writeDataset(bench.data, dataset ?? smallDataset());
    return bench;
  }

  /** The folder of the data set. */
  get data(): string {
    return join(this.path, 'data');
  }
  /** The folder of all runs; not the default one. */
  get out(): string {
    return join(this.path, 'all-runs');
  }

  /** Starts `muster train` on the small data set. */
  train(options: TrainOptions = {}): Training {
    const { epochs = EPOCHS } = options;
    return this.#start(options, [
      ...['train', '--data', this.data, '--epochs', String(epochs)],
      ...['--global-batch', String(GLOBAL_BATCH), '--micro-batches', '4'],
      ...clusterWords(options),
    ]);
  }

  /** Starts `muster server` for a run on the small data set. */
  serve(options: Pick<TrainOptions, 'epochs' | 'flags'> = {}): Training {
    const { epochs = EPOCHS } = options;
    return this.#start({ ...options, json: false }, [
      ...['server', '--data', this.data, '--epochs', String(epochs)],
      ...['--global-batch', String(GLOBAL_BATCH), '--micro-batches', '4'],
      ...['--listen', '127.0.0.1:0'],
    ]);
  }

  /** Goes on with a run that was stopped. */
  resume(run: string, options: TrainOptions = {}): Training {
    return this.#start(options, [
      ...['train', '--resume', run, '--data', this.data],
      ...clusterWords(options),
    ]);
  }

  /** Starts a run by these words alone, and `--out` and `--json`. */
  start(words: readonly string[], options: StartOptions = {}): Training {
    return this.#start(options, words);
  }

  /** Writes a file and gives its path. */
  async write(name: string, content: string | Uint8Array): Promise<string> {
    const path = join(this.path, name);
    await writeFile(path, content);
    return path;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.path, { recursive: true, force: true });
  }

  #start(options: TrainOptions, words: readonly string[]): Training {
    const { flags = [], json = true, slow = false, ...start } = options;
    const last = json ? ['--json', ...flags] : flags;
    const args = [...words, '--out', this.out, ...last];
    const line = slow ? SlowLine.begin(this.path) : undefined;
    const env = { ...line?.env, ...start.env };
    return new Training(
      this.out,
      args,
      { cwd: this.path, ...start, env },
      line,
    );
  }
}

function clusterWords(options: TrainOptions): string[] {
  const { workers = 1, servers = 1, standby = 0, backend = 'wasm' } = options;
  return [
    ...['--workers', String(workers), '--backend', backend],
    ...['--servers', String(servers), '--standby', String(standby)],
  ];
}

/** 600 and 200 pictures of 14x14, 4 classes. */
function smallDataset(): DatasetInput {
  return syntheticDataset({
    seed: 1,
    numTrain: NUM_TRAIN,
    numTest: NUM_TEST,
    rows: 14,
    columns: 14,
    numClasses: 4,
  });
}
