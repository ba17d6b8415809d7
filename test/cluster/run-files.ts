/**
 * A run's folder as anybody reads it, also while the run goes on.
 */
import { readFile, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { shardDirectory } from '@muster/checkpoint';

/** `summary.json`, as the documentation promises it. */
export interface Summary {
  readonly runId: string;
  readonly outcome: 'finished' | 'drained';
  readonly testAccuracy: number | null;
  readonly testLoss: number | null;
  readonly parametersSha256: string;
  readonly reproducible: boolean;
  readonly steps: number;
  readonly epochs: number;
  readonly examplesApplied: number;
  readonly examplesDuplicate: number;
  readonly examplesLost: number;
  readonly staleness: readonly number[];
  readonly imagesPerSecond: number;
  readonly trainSeconds: number;
  readonly workers: number;
  readonly servers: number;
  readonly standbys: number;
  readonly restarts: number;
  readonly consistency: string;
  readonly seed: number;
  readonly backend: string;
  readonly numerics: string;
  readonly history: readonly Readonly<Record<string, number>>[];
}

/** One line of `metrics.jsonl` or of a log. */
export type Line = Readonly<Record<string, unknown>>;

/** Files of one run. */
export class RunFiles {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  /** Lines of `metrics.jsonl`, whole ones. */
  metrics(): Promise<Line[]> {
    return this.#lines('metrics.jsonl');
  }

  /** Steps that `metrics.jsonl` tells of, in its order. */
  async steps(): Promise<number[]> {
    const lines = await this.metrics();
    return lines
      .filter(({ type }) => type === undefined)
      .map(({ step }) => Number(step));
  }

  /** Lines of a process's log: `server`, `standby-0`, `worker-0`. */
  log(name: string): Promise<Line[]> {
    return this.#lines(join('logs', `${name}.log`));
  }

  /** Names of the checkpoints of one server of so many, oldest first. */
  async checkpoints(shard = 0, numShards = 1): Promise<string[]> {
    const names = await readdir(this.checkpointsOf(shard, numShards));
    return names.filter((name) => /^step-[\d-]+$/.test(name)).sort();
  }

  /** Where one server of so many has its checkpoints. */
  checkpointsOf(shard: number, numShards: number): string {
    return shardDirectory(join(this.path, 'checkpoints'), shard, numShards);
  }

  /** A file's text. */
  text(name: string): Promise<string> {
    return readFile(join(this.path, name), 'utf8');
  }

  /** Permission bits of a file. */
  async mode(name: string): Promise<number> {
    return (await stat(join(this.path, name))).mode & 0o777;
  }

  async summary(): Promise<Summary> {
    return JSON.parse(await this.text('summary.json')) as Summary;
  }

  /** A line that is being written at this moment is left out. */
  async #lines(name: string): Promise<Line[]> {
    const text = await this.text(name).catch(() => '');
    return text.split('\n').slice(0, -1).flatMap(parsed);
  }
}

/** A line that a SIGKILL has cut off is none. */
function parsed(line: string): Line[] {
  try {
    return [JSON.parse(line) as Line];
  } catch {
    return [];
  }
}

/** When a line of a log was written. Epoch milliseconds. */
export function timeOf(line: Line): number {
  return Date.parse(String(line['time']));
}

/** The version in the name of a checkpoint: `step-00000022-1` is of 22. */
export function versionOf(checkpoint: string): number {
  return Number(/^step-(\d+)/.exec(checkpoint)?.[1]);
}

/**
 * What of a summary must not depend on the cluster: the bits, and every
 * figure of the history but the times.
 */
export function outcomeOf(summary: Summary) {
  const { parametersSha256, steps, epochs, examplesApplied } = summary;
  const { testAccuracy, testLoss, reproducible, backend, seed } = summary;
  return {
    ...{ parametersSha256, steps, epochs, examplesApplied },
    ...{ testAccuracy, testLoss, reproducible, backend, seed },
    history: summary.history.map(withoutTimes),
  };
}

/** An epoch without what differs from machine to machine. */
export function withoutTimes(epoch: Readonly<Record<string, number>>) {
  const entries = Object.entries(epoch);
  return Object.fromEntries(entries.filter(([name]) => !name.endsWith('Ms')));
}
