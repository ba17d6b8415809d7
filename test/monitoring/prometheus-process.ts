/**
 * A real Prometheus, for as long as a spec needs it: its data are in a folder
 * of the spec's, and it is ended with it.
 */
import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { eventually } from '../cluster/eventually.js';

/** One series of an answer: its labels with its name, and its value. */
export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** An alert that is pending or firing. */
export interface Alert {
  readonly name: string;
  readonly state: 'pending' | 'firing';
  readonly labels: Readonly<Record<string, string>>;
  /** As they are filled in. */
  readonly annotations: Readonly<Record<string, string>>;
  /** Since when its expression holds. Epoch milliseconds. */
  readonly activeAtMs: number;
}

/** A process that is scraped. */
export interface Target {
  readonly labels: Readonly<Record<string, string>>;
  readonly isUp: boolean;
  /** Why it is not. */
  readonly error: string;
}

/** Its program: what the PATH has, unless `PROMETHEUS` says otherwise. */
const PROGRAM = process.env['PROMETHEUS'] ?? 'prometheus';

/** Why there is no Prometheus on this machine; undefined where there is. */
export function missingPrometheus(): string | undefined {
  const found = spawnSync(PROGRAM, ['--version']).error === undefined;
  return found
    ? undefined
    : `${PROGRAM} not found: apt-get install prometheus, or set PROMETHEUS`;
}

/** Time that it has to write its data down. Milliseconds. */
const STOP_MS = 10_000;

/** See the head of this file. */
export class PrometheusProcess implements AsyncDisposable {
  readonly #process: ChildProcess;
  readonly #closed: Promise<unknown>;
  #said = '';
  #url = '';

  private constructor(config: string, data: string) {
    this.#process = spawn(PROGRAM, [
      `--config.file=${config}`,
      `--storage.tsdb.path=${data}`,
      '--web.listen-address=127.0.0.1:0',
    ]);
    this.#closed = once(this.#process, 'close');
    for (const stream of [this.#process.stdout, this.#process.stderr]) {
      stream?.on('data', (text) => (this.#said += String(text)));
    }
  }

  /**
   * Starts one, and waits until it answers.
   * @param config its configuration file.
   * @param data folder of its data; it is made.
   */
  static async start(config: string, data: string): Promise<PrometheusProcess> {
    const prometheus = new PrometheusProcess(config, data);
    try {
      await prometheus.#untilReady();
      return prometheus;
    } catch (error) {
      await prometheus[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** `http://host:port`. */
  get url(): string {
    return this.#url;
  }

  /** What an expression comes to at present. */
  async query(expression: string): Promise<Sample[]> {
    const path = `query?query=${encodeURIComponent(expression)}`;
    const { result } = await this.#ask<QueryAnswer>(path);
    return result.map(({ metric, value: [, text] }) => ({
      labels: metric,
      value: Number(text.replace('Inf', 'Infinity')),
    }));
  }

  /** Alerts that are pending or firing at present. */
  async alerts(): Promise<Alert[]> {
    const { alerts } = await this.#ask<AlertsAnswer>('alerts');
    return alerts.map(({ labels, annotations, state, activeAt }) => ({
      ...{ name: labels['alertname'] ?? '', state, labels, annotations },
      activeAtMs: Date.parse(activeAt),
    }));
  }

  /** Who is scraped at present. */
  async targets(): Promise<Target[]> {
    const path = 'targets?state=active';
    const { activeTargets } = await this.#ask<TargetsAnswer>(path);
    return activeTargets.map(({ labels, health, lastError: error }) => {
      return { labels, isUp: health === 'up', error };
    });
  }

  /** Waits as `eventually` does, and says what Prometheus has said. */
  waitFor<T>(
    what: string,
    probe: () => Promise<T | undefined | false>,
    deadlineMs?: number,
  ): Promise<T> {
    return eventually(what, probe, deadlineMs, () => `\n${this.#said}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.kill('SIGTERM');
    const timer = setTimeout(() => this.#process.kill('SIGKILL'), STOP_MS);
    await this.#closed;
    clearTimeout(timer);
  }

  async #untilReady(): Promise<void> {
    this.#url = await this.waitFor('the address of Prometheus', () => {
      if (this.#process.exitCode !== null) throw new Error(this.#said);
      const found = /address=(127\.0\.0\.1:[1-9]\d*)/.exec(this.#said)?.[1];
      return Promise.resolve(found && `http://${found}`);
    });
    await this.waitFor('Prometheus to be ready', async () => {
      const answer = await fetch(`${this.#url}/-/ready`).catch(() => undefined);
      return answer?.ok === true;
    });
  }

  /** @throws Error with what Prometheus says against it. */
  async #ask<T>(path: string): Promise<T> {
    const answer = await fetch(`${this.#url}/api/v1/${path}`);
    const { data, error } = (await answer.json()) as Partial<Answer<T>>;
    if (data !== undefined) return data;
    throw new Error(`${decodeURIComponent(path)}: ${error ?? answer.status}`);
  }
}

interface Answer<T> {
  readonly data: T;
  readonly error: string;
}

interface QueryAnswer {
  readonly result: readonly {
    readonly metric: Readonly<Record<string, string>>;
    readonly value: readonly [number, string];
  }[];
}

interface AlertsAnswer {
  readonly alerts: readonly {
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations: Readonly<Record<string, string>>;
    readonly state: Alert['state'];
    readonly activeAt: string;
  }[];
}

interface TargetsAnswer {
  readonly activeTargets: readonly {
    readonly labels: Readonly<Record<string, string>>;
    readonly health: string;
    readonly lastError: string;
  }[];
}
