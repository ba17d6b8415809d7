/**
 * What a person sees of a launch: every line with its host and process, and
 * below them the one line that tells how the training goes.
 */
import { performance } from 'node:perf_hooks';
import type { ServerReport } from '@muster/protocol';
import { logWords, parseLogLine } from '@muster/telemetry';
import type { Output } from '../view/events.js';
import { ProgressView } from '../view/progress-view.js';

/** See the head of this file. */
export class LaunchView {
  readonly #view: ProgressView;
  #lastEpochMs = 0;

  constructor(output: Output, nowMs: () => number = () => performance.now()) {
    this.#view = new ProgressView(output, nowMs);
  }

  /** Shows a line of the launcher itself. */
  note(text: string): void {
    for (const line of text.split('\n')) this.#view.note(line);
  }

  /** Shows a line of a host, or of a process there. */
  line(host: string, process: string | undefined, text: string): void {
    const from =
      process === undefined ? host : `${host}/${shortName(host, process)}`;
    this.#view.note(`[${from}] ${readableLine(text)}`);
  }

  /** Shows a report of the server. */
  report(host: string, report: ServerReport): void {
    switch (report.type) {
      case 'listening': {
        const { url, metricsUrl, version } = report;
        if (version > 0)
          this.line(host, 'server', `going on from step ${version}`);
        const metrics =
          metricsUrl === null ? '' : `, metrics at ${metricsUrl}/metrics`;
        return this.line(host, 'server', `listens at ${url}${metrics}`);
      }
      case 'progress':
        return this.#view.update(report);
      case 'epoch': {
        const { trainMs } = report.summary;
        const seconds = (trainMs - this.#lastEpochMs) / 1000;
        this.#lastEpochMs = trainMs;
        return this.#view.epochDone({ ...report.summary, seconds });
      }
      case 'notice':
        return this.line(host, 'server', report.text);
      case 'resumed': {
        const { version, from, seconds } = report;
        const text = `training goes on from step ${version} (was at ${from}), ${seconds.toFixed(2)} s after the loss`;
        return this.line(host, 'server', text);
      }
      // the launch says how it is reached from here
      case 'dashboard':
      case 'targets':
      case 'promoted':
      case 'ended':
      case 'failed':
        return;
    }
  }

  /** Takes the live line away. Idempotent. */
  close(): void {
    this.#view.close();
  }
}

/** `worker-0` for `b-0` of host b, which stands before it already. */
function shortName(host: string, process: string): string {
  const plain = host.replaceAll(/[^A-Za-z0-9._-]/g, '-');
  return process.startsWith(`${plain}-`)
    ? `worker-${process.slice(plain.length + 1)}`
    : process;
}

/** A line of a log in words; others as they are. */
export function readableLine(text: string): string {
  const line = parseLogLine(text);
  if (line === undefined) return text;
  const words = logWords(line, ['workerId']);
  return line.level === 'info' ? words : `${line.level}: ${words}`;
}
