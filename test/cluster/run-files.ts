/**
 * A run's folder as anybody reads it, also while the run goes on.
 */
import { readFile, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

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
  readonly imagesPerSecond: number;
  readonly trainSeconds: number;
  readonly workers: number;
  readonly servers: number;
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
      .filter(({ type }) => type !== 'epoch')
      .map(({ step }) => Number(step));
  }

  /** Lines of a process's log: `server`, `worker-0`. */
  log(name: string): Promise<Line[]> {
    return this.#lines(join('logs', `${name}.log`));
  }

  /** Names of the checkpoints, oldest first. */
  async checkpoints(): Promise<string[]> {
    const names = await readdir(join(this.path, 'checkpoints'));
    return names.sort();
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
    const whole = text.split('\n').slice(0, -1);
    return whole.map((line) => JSON.parse(line) as Line);
  }
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

function withoutTimes(epoch: Readonly<Record<string, number>>) {
  const entries = Object.entries(epoch);
  return Object.fromEntries(entries.filter(([name]) => !name.endsWith('Ms')));
}
