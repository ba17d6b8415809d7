/**
 * Shows a run while it goes on: the server's reports as lines for people.
 */
import { hostname } from 'node:os';
import { performance } from 'node:perf_hooks';
import type { ServerReport } from '@muster/protocol';
import type { ClusterOptions } from '../processes/cluster-options.js';
import type { Run } from '../run/create-run.js';
import { ProgressView } from '../view/progress-view.js';
import type { Output } from '../view/events.js';

/** What a worker needs to be let in. */
type Access = Pick<ClusterOptions, 'tokenFile' | 'tls' | 'access'>;

/** One run's view. */
export class RunView {
  readonly #view: ProgressView;
  readonly #run: Run;
  readonly #numWorkers: number;
  readonly #access: Access;
  #lastEpochMs = 0;

  /** @param numWorkers workers that are started here, 0 when none is. */
  constructor(output: Output, run: Run, numWorkers: number, access: Access) {
    this.#view = new ProgressView(output, () => performance.now());
    this.#run = run;
    this.#numWorkers = numWorkers;
    this.#access = access;
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
      case 'dashboard':
        return this.#view.note(`dashboard at ${this.#pageAt(report.url)}`);
      case 'resumed': {
        const { version, from, seconds } = report;
        return this.#view.note(
          `training goes on from step ${version} (was at ${from}), ${seconds.toFixed(2)} s after the loss`,
        );
      }
      // a notice has said it
      case 'targets':
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

  /** Nobody can open 0.0.0.0: where it is opened here, and elsewhere. */
  #pageAt(served: string): string {
    const here = new URL(served);
    if (here.hostname !== '0.0.0.0' && here.hostname !== '[::]') {
      return `${served}${this.#pageToken}`;
    }
    const name = this.#access.access?.metricsHosts?.split(',')[0] ?? hostname();
    const there = `http://${name}:${here.port}/`;
    here.hostname = '127.0.0.1';
    return `${here.href}${this.#pageToken}, on other machines at ${there}`;
  }

  /** A token is not said: what is said here may be kept in a log. */
  get #pageToken(): string {
    const file = this.#access.access?.metricsTokenFile;
    return file === undefined ? '' : `#token=... (the token is in ${file})`;
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
    this.#view.note(
      `start workers with: npx muster worker --server ${url}${accessWords(this.#access)}`,
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

/** The words that let a worker in; its certificate is one of its own. */
function accessWords({ tokenFile, tls }: Access): string {
  const token = tokenFile === undefined ? '' : ` --token-file ${tokenFile}`;
  if (tls?.ca === undefined) return token;
  return `${token} --tls-ca ${tls.ca} --tls-cert HOST.crt --tls-key HOST.key`;
}
