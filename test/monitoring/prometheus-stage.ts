/**
 * One training and one Prometheus that has found it: what a spec about
 * monitoring asks. Both are ended with the stage.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ENDLESS, SHORT_LEASE, Workbench } from '../cluster/workbench.js';
import type { Training } from '../cluster/training.js';
import { hurriedConfiguration, hurriedRules } from './hurried-files.js';
import { PrometheusProcess } from './prometheus-process.js';
import type { Alert, Sample, Target } from './prometheus-process.js';

export { missingPrometheus } from './prometheus-process.js';
export type { Alert, Sample, Target } from './prometheus-process.js';

/** Workers of the training, `worker-0` and so on. */
export const NUM_WORKERS = 3;
/** Until an expression has data: scrapes and evaluations come every second. */
const DATA_MS = 20_000;
/** Shown to `/metrics` and `/sd`. */
const TOKEN_FILE = 'metrics-token';

/** See the head of this file. `start` once, dispose of it after the tests. */
export class PrometheusStage implements AsyncDisposable {
  /** 1 server and 3 workers; a worker that is killed is not started again. */
  readonly training: Training;
  readonly #bench: Workbench;
  readonly #prometheus: PrometheusProcess;

  private constructor(
    bench: Workbench,
    training: Training,
    prometheus: PrometheusProcess,
  ) {
    this.#bench = bench;
    this.training = training;
    this.#prometheus = prometheus;
  }

  /** Starts a training and a Prometheus, which has found all of it then. */
  static async start(): Promise<PrometheusStage> {
    const bench = await Workbench.create();
    const training = trainFor(bench);
    let prometheus: PrometheusProcess | undefined;
    try {
      const config = await writeFiles(bench, await training.metricsUrl());
      const data = join(bench.path, 'prometheus');
      prometheus = await PrometheusProcess.start(config, data);
      const stage = new PrometheusStage(bench, training, prometheus);
      await stage.#untilFound();
      return stage;
    } catch (error) {
      await prometheus?.[Symbol.asyncDispose]();
      await training[Symbol.asyncDispose]();
      await bench[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** What an expression comes to at present. */
  query(expression: string): Promise<Sample[]> {
    return this.#prometheus.query(expression);
  }

  /** Alerts that are pending or firing at present. */
  alerts(): Promise<Alert[]> {
    return this.#prometheus.alerts();
  }

  /** Who is scraped at present. */
  targets(): Promise<Target[]> {
    return this.#prometheus.targets();
  }

  /** Waits until an expression gives at least one number, and gives all. */
  data(expression: string, deadlineMs = DATA_MS): Promise<Sample[]> {
    return this.waitFor(
      `data of ${expression}`,
      async () => {
        const samples = await this.query(expression);
        return samples.some(({ value }) => !Number.isNaN(value)) && samples;
      },
      deadlineMs,
    );
  }

  /** Waits until an alert fires, and gives it. */
  firing(name: string): Promise<Alert> {
    return this.waitFor(`${name} to fire`, async () => {
      const alerts = await this.alerts();
      return alerts.find((one) => one.name === name && one.state === 'firing');
    });
  }

  /** Waits as `eventually` does, and says what Prometheus has said. */
  waitFor<T>(
    what: string,
    probe: () => Promise<T | undefined | false>,
    deadlineMs?: number,
  ): Promise<T> {
    return this.#prometheus.waitFor(what, probe, deadlineMs);
  }

  async #untilFound(): Promise<void> {
    await this.training.reached(1);
    await this.waitFor('all of the training to be scraped', async () => {
      const targets = await this.targets();
      return targets.filter(({ isUp }) => isUp).length === 1 + NUM_WORKERS;
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#prometheus[Symbol.asyncDispose]();
    await this.training[Symbol.asyncDispose]();
    await this.#bench[Symbol.asyncDispose]();
  }
}

function trainFor(bench: Workbench): Training {
  return bench.train({
    ...{ workers: NUM_WORKERS, epochs: ENDLESS },
    flags: [
      ...['--metrics-token-file', join(bench.path, TOKEN_FILE)],
      ...['--max-restarts', '0', '--checkpoint-every', '50', ...SHORT_LEASE],
    ],
  });
}

/** Gives the path of the configuration. */
async function writeFiles(bench: Workbench, url: string): Promise<string> {
  await mkdir(join(bench.path, 'rules'));
  for (const { name, text } of hurriedRules()) {
    await writeFile(join(bench.path, 'rules', name), text);
  }
  const config = hurriedConfiguration(url, TOKEN_FILE);
  return bench.write('prometheus.yml', config);
}
