/**
 * A run's folder: where everything of a run lies.
 *
 * ```
 * RUN/run.json        what decides the bits
 *     config.yaml     the settings as they were used
 *     token           what workers show to join (mode 0600)
 *     checkpoints/    the newest two whole ones; version 0 is the start
 *     start/          version 0 for good, where a replay can begin
 *     metrics.jsonl   a line a step and an epoch
 *     model/          the trained network, as tf.loadLayersModel reads it
 *     summary.json    what the run came to
 *     logs/           one file a process
 * ```
 */
import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { MusterError, runDefinitionSchema } from '@muster/protocol';
import type { RunDefinition } from '@muster/protocol';
import { makeFolder } from './make-folder.js';
import type { Summary } from './summary.js';

/** Paths in one run's folder. */
export class RunFolder {
  /** Absolute. */
  readonly path: string;

  constructor(path: string) {
    this.path = resolve(path);
  }

  get name(): string {
    return basename(this.path);
  }
  get definition(): string {
    return join(this.path, 'run.json');
  }
  get config(): string {
    return join(this.path, 'config.yaml');
  }
  get token(): string {
    return join(this.path, 'token');
  }
  get checkpoints(): string {
    return join(this.path, 'checkpoints');
  }
  /** Version 0 as a checkpoint, which stays; of runs that can be replayed. */
  get start(): string {
    return join(this.path, 'start');
  }
  get model(): string {
    return join(this.path, 'model');
  }
  get logs(): string {
    return join(this.path, 'logs');
  }
  get summary(): string {
    return join(this.path, 'summary.json');
  }

  /** Makes the folders of a new run; the folder must not exist yet. */
  async create(): Promise<void> {
    await makeFolder(dirname(this.path), '--out');
    await mkdir(this.path);
    await mkdir(this.logs);
    await mkdir(this.checkpoints);
  }

  /** Writes a fresh random token that only its owner can read. */
  async createToken(): Promise<void> {
    const token = randomBytes(32).toString('base64url');
    await writeFile(this.token, `${token}\n`, { mode: 0o600, flag: 'wx' });
  }

  /**
   * Reads and checks `run.json`.
   * @throws MusterError `ERR_RUN_NOT_FOUND`.
   */
  async readDefinition(): Promise<RunDefinition> {
    const text = await readFile(this.definition, 'utf8').catch(() => undefined);
    if (text === undefined) {
      throw new MusterError(
        'ERR_RUN_NOT_FOUND',
        `${this.path} is not a run: it holds no run.json (see: muster runs)`,
      );
    }
    try {
      return runDefinitionSchema.parse(JSON.parse(text));
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new MusterError(
        'ERR_RUN_NOT_FOUND',
        `${this.definition} is not a run definition: ${reason}`,
        { cause },
      );
    }
  }

  /** The summary, when the run has come to its end. */
  async readSummary(): Promise<Summary | undefined> {
    const text = await readFile(this.summary, 'utf8').catch(() => undefined);
    if (text === undefined) return undefined;
    try {
      return JSON.parse(text) as Summary;
    } catch {
      return undefined;
    }
  }
}

/**
 * Finds a run by its folder, or by its name below the runs' folder.
 * @throws MusterError `ERR_RUN_NOT_FOUND`.
 */
export async function findRun(name: string, out: string): Promise<RunFolder> {
  for (const path of [name, join(out, name)]) {
    const found = await stat(path).catch(() => undefined);
    if (found?.isDirectory() === true) return new RunFolder(path);
  }
  throw new MusterError(
    'ERR_RUN_NOT_FOUND',
    `there is no run '${name}', neither as a folder nor in ${resolve(out)} (--out; see: muster runs)`,
  );
}

/**
 * The newest run below a folder unless it has come to its end: what an engine
 * that starts the same command again and again means.
 */
export async function findUnfinishedRun(
  out: string,
): Promise<RunFolder | undefined> {
  const newest = (await listRuns(out)).at(-1);
  const summary = await newest?.readSummary();
  return summary?.outcome === 'finished' ? undefined : newest;
}

/** All runs below a folder, oldest first. */
export async function listRuns(out: string): Promise<RunFolder[]> {
  const names = await readdir(out).catch(() => []);
  const runs: RunFolder[] = [];
  for (const name of names.sort()) {
    const run = new RunFolder(join(out, name));
    const found = await stat(run.definition).catch(() => undefined);
    if (found !== undefined) runs.push(run);
  }
  return runs;
}
