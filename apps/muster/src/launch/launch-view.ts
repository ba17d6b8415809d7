/**
 * What a person sees of a launch: every line with its host and process, and
 * below them the one line that tells how the training goes.
 */
import { performance } from 'node:perf_hooks';
import type { ServerReport } from '@muster/protocol';
import type { Output } from '../view/events.js';
import { ProgressView } from '../view/progress-view.js';

const FINGERPRINT = /^[0-9a-f]{64}$/;
/** Fields of a log line that say nothing here. */
const NOT_SHOWN = new Set(['level', 'time', 'name', 'event', 'workerId']);

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

/** A JSON log line as words: `connected link=0 url=ws://...`; others as is. */
export function readableLine(text: string): string {
  const fields = fieldsOf(text);
  const event = fields?.['event'];
  if (fields === undefined || typeof event !== 'string') return text;
  const level = String(fields['level']);
  const shown = Object.entries(fields)
    .filter(([name]) => !NOT_SHOWN.has(name))
    .map(([name, value]) => `${name}=${wordOf(value)}`);
  const head = level === 'info' ? event : `${level}: ${event}`;
  return [head, ...shown].join(' ');
}

function fieldsOf(text: string): Record<string, unknown> | undefined {
  if (!text.startsWith('{')) return undefined;
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}

/** Of a fingerprint, its beginning tells it from others. */
function wordOf(value: unknown): string {
  if (typeof value === 'string' && FINGERPRINT.test(value)) {
    return value.slice(0, 12);
  }
  return typeof value === 'string' && /^\S+$/.test(value)
    ? value
    : JSON.stringify(value);
}
