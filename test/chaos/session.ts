/**
 * The trainings of one chaos program: all of one data set and one seed, each
 * with a cluster of its own on this machine.
 */
import { createRandomStream } from '@muster/data';
import type { Dataset } from '@muster/data';
import { notebookTopology } from '@muster/model';
import { Conductor } from './conductor.js';
import type { FaultRecord, Fault } from './fault.js';
import type { Launcher, Plan, Report, Run, Summary } from './launcher.js';
import type { ChaosOptions } from './options.js';
import { Recorder } from './recorder.js';
import { Stage } from './stage.js';
import type { CourseEvent } from './statistics.js';

/** How a training went. */
export interface Trained {
  readonly folder: string;
  readonly summary: Summary;
  /** Steps, as the launcher heard of them: a few a second. */
  readonly steps: readonly CourseEvent[];
  /** From the first step to the end of the last epoch, its evaluation too. */
  readonly seconds: number;
  readonly faults: readonly FaultRecord[];
}

/** 'link' in ASCII: draws the connections that are cut. */
const PURPOSE = 0x6c696e6b;

const CLUSTER = {
  host: '127.0.0.1',
  port: 0,
  // who is silent longer is replaced; pauses of 1.5 s are not
  leaseMs: 2000,
  heartbeatMs: 400,
  stragglerFactor: 2,
  logLevel: 'info',
  metrics: false,
  metricsListen: { host: '127.0.0.1', port: 0 },
};

const PLAN: Omit<Plan, 'seed' | 'epochs'> = {
  globalBatchSize: 256,
  microBatches: 4,
  consistency: { name: 'sync' },
  wire: 'float32',
  optimizer: { name: 'adam', beta1: 0.9, beta2: 0.999, epsilon: 1e-7 },
  schedule: { name: 'cosine', learningRate: 0.004, warmupRatio: 0.1 },
};

/** What a session works with. */
export interface SessionOptions {
  readonly launcher: Launcher;
  readonly dataset: Dataset;
  /** Folder of the runs. */
  readonly out: string;
  readonly options: ChaosOptions;
  /** Hears of reports, for people. */
  readonly onReport: (report: Report) => void;
}

/** See the head of this file. */
export class Session {
  readonly #of: SessionOptions;
  #stage = new Stage();

  constructor(of: SessionOptions) {
    this.#of = of;
  }

  /** Trains undisturbed. */
  calm(epochs: number): Promise<Trained> {
    return this.#train(epochs);
  }

  /** Trains under faults; their times count from the first step on. */
  disturbed(epochs: number, faults: readonly Fault[]): Promise<Trained> {
    return this.#train(epochs, faults);
  }

  /** Ends every process of the training at once. */
  kill(): void {
    this.#stage.killAll();
  }

  async #train(epochs: number, toCome?: readonly Fault[]): Promise<Trained> {
    await using stage = new Stage();
    this.#stage = stage;
    const run = await this.#createRun(epochs);
    const over = new AbortController();
    const conductor = new Conductor(stage, this.#random());
    const course = new Recorder(this.#of.onReport);
    let performed: Promise<unknown> | undefined;
    const onReport = (report: Report) => {
      course.report(report);
      if (toCome === undefined || report.type !== 'progress') return;
      performed ??= conductor.perform(toCome, over.signal);
    };
    try {
      const { summary } = await this.#of.launcher.trainRun({
        ...this.#cluster(run),
        onReport,
        onStart: stage.onStart,
        ...(toCome && { route: stage.route }),
      });
      const { steps, seconds } = course;
      const faults = conductor.records;
      return { folder: run.folder.path, summary, steps, seconds, faults };
    } finally {
      over.abort();
      await performed;
      stage.killAll();
    }
  }

  #random() {
    return createRandomStream(this.#of.options.seed, PURPOSE);
  }

  #createRun(epochs: number): Promise<Run> {
    const { launcher, dataset, out, options } = this.#of;
    const plan = { ...PLAN, seed: options.seed, epochs };
    const topology = notebookTopology(dataset);
    return launcher.createRun({ out, dataset, topology, plan });
  }

  #cluster(run: Run) {
    const { workers, servers, standby } = this.#of.options;
    const { backend, data, checkpointEvery } = this.#of.options;
    return {
      ...CLUSTER,
      run,
      tokenFile: run.folder.token,
      numWorkers: workers,
      numServers: servers,
      numStandbys: standby,
      maxRestarts: 1_000_000,
      ...{ backend, data, checkpointEvery },
    };
  }
}
