/**
 * Shows a run while it goes on: the server's reports as lines for people.
 */
import { performance } from 'node:perf_hooks';
import type { ServerReport } from '@muster/protocol';
import type { Run } from '../run/create-run.js';
import { ProgressView } from '../view/progress-view.js';
import type { Output } from '../view/events.js';

/** One run's view. */
export class RunView {
  readonly #view: ProgressView;
  readonly #run: Run;
  readonly #numWorkers: number;
  readonly #tokenFile: string | undefined;
  #lastEpochMs = 0;

  /** @param numWorkers workers that are started here, 0 when none is. */
  constructor(
    output: Output,
    run: Run,
    numWorkers: number,
    tokenFile: string | undefined,
  ) {
    this.#view = new ProgressView(output, () => performance.now());
    this.#run = run;
    this.#numWorkers = numWorkers;
    this.#tokenFile = tokenFile;
    this.#view.note(this.#firstLine());
  }

  /** Shows a report. */
  report(report: ServerReport): void {
    switch (report.type) {
      case 'listening':
        return this.#listening(report);
      case 'progress':
        return this.#view.update(report);
      case 'epoch': {
        const { trainMs } = report.summary;
        const seconds = (trainMs - this.#lastEpochMs) / 1000;
        this.#lastEpochMs = trainMs;
        return this.#view.epochDone({ ...report.summary, seconds });
      }
      case 'notice':
        return this.#view.note(report.text);
      case 'resumed': {
        const { version, from, seconds } = report;
        return this.#view.note(
          `training goes on from step ${version} (was at ${from}), ${seconds.toFixed(2)} s after the loss`,
        );
      }
      // a notice has said it
      case 'promoted':
      case 'ended':
      case 'failed':
        return;
      default: {
        const never: never = report;
        throw new TypeError(JSON.stringify(never));
      }
    }
  }

  /** Says that the signal was heard. */
  stopping(signal: string): void {
    this.#view.note(
      `${signal}: stopping after a checkpoint (again to stop at once)`,
    );
  }

  /** Takes the live line away. Idempotent. */
  close(): void {
    this.#view.close();
  }

  #firstLine(): string {
    const workers =
      this.#numWorkers === 0
        ? 'workers from anywhere'
        : `${this.#numWorkers} ${this.#numWorkers === 1 ? 'worker' : 'workers'}`;
    return `${titleOf(this.#run)}, ${workers}`;
  }

  #listening(report: Extract<ServerReport, { type: 'listening' }>): void {
    const { url, metricsUrl, version } = report;
    const metrics =
      metricsUrl === null ? '' : `, metrics at ${metricsUrl}/metrics`;
    if (version > 0) this.#view.note(`going on from step ${version}`);
    const where = url.replace(',', ', standby at ');
    this.#view.note(`server at ${where}${metrics}`);
    if (this.#numWorkers > 0) return;
    const token =
      this.#tokenFile === undefined ? '' : ` --token-file ${this.#tokenFile}`;
    this.#view.note(
      `start workers with: npx muster worker --server ${url}${token}`,
    );
  }
}

/** What a run is, in a line. */
export function titleOf({ definition }: Run): string {
  const { runId, dataset, epochs, seed, model } = definition;
  const parameters = model.numParameters.toLocaleString('en-US');
  const images = dataset.numTrain.toLocaleString('en-US');
  return `run ${runId}: ${images} images of ${dataset.name}, ${parameters} parameters, ${epochs} epochs, seed ${seed}`;
}
