/**
 * The log lines of a run: one for each thing that happened, with its ids.
 */
import type { RunReport } from '@muster/cluster';
import type { MusterError } from '@muster/protocol';
import type { LogFields, Logger } from '@muster/telemetry';
import type { Connection } from '@muster/transport';
import type { CheckpointOutcome } from '../checkpoint-queue.js';
import type { Snapshot } from '../run-state.js';
import { LogBudget } from './log-budget.js';

/** Lines a second about those who were turned away. */
const REFUSED_LINES_PER_SECOND = 10;

/** A report all of whose fields are for a log line. */
type LoggedReport = Exclude<
  RunReport,
  { readonly type: 'step-applied' | 'pushed' | 'evaluated' }
>;

/** See the head of this file. */
export class RunLog {
  readonly #log: Logger;
  readonly #refusedLines = new LogBudget(REFUSED_LINES_PER_SECOND);

  constructor(log: Logger) {
    this.#log = log;
  }

  /** Writes what the brain reports; steps are in `metrics.jsonl` instead. */
  report(report: RunReport): void {
    const { type } = report;
    switch (report.type) {
      case 'step-applied':
        return;
      case 'pushed':
        return this.#pushed(report);
      case 'evaluated':
        return this.#evaluated(report);
      case 'worker-joined':
      case 'worker-back':
      case 'server-joined':
      case 'standby-joined':
        return this.#log.info(type, fieldsOf(report));
      case 'worker-away': {
        // a goodbye is part of every run
        const level = report.reason === 'left' ? 'info' : 'warn';
        return this.#log[level](type, fieldsOf(report));
      }
      case 'worker-refused':
      case 'task-failed':
      case 'server-lost':
      case 'promoting':
        return this.#log.warn(type, fieldsOf(report));
      case 'backup-given':
        return this.#log.debug(type, fieldsOf(report));
      case 'not-reproducible':
        return this.#log.warn(type, { workerId: report.workerId });
      case 'took-over':
        return this.#log.warn(type, { shard: report.shard });
      case 'training-resumed': {
        const { version, from, seconds } = report;
        return this.#log.info(type, { step: version, from, seconds });
      }
      default: {
        const never: never = report;
        throw new TypeError(`a report was forgotten: ${JSON.stringify(never)}`);
      }
    }
  }

  /** Writes that this standby holds a version. */
  following(version: number, term: number): void {
    this.#log.info('following', { step: version, term });
  }

  /** Writes what became of a checkpoint. */
  checkpointDone(outcome: CheckpointOutcome<Snapshot>): void {
    const { version: step, reason } = outcome.snapshot;
    switch (outcome.outcome) {
      case 'skipped':
        return this.#log.debug('checkpoint-skipped', { step, reason });
      case 'failed': {
        const { message } = outcome.error;
        return this.#log.error('checkpoint-failed', { step, message });
      }
      case 'written': {
        const { path, seconds } = outcome;
        const fields = { step, reason, path, seconds };
        return this.#log.info('checkpoint', fields);
      }
      default: {
        const never: never = outcome;
        throw new TypeError(`an outcome was forgotten: ${String(never)}`);
      }
    }
  }

  /** Writes who was refused, within a budget: a peer may not fill the disk. */
  connectionRefused(
    { code, message }: MusterError,
    remote: string,
    nowMs: number,
  ): void {
    const line = this.#refusedLines.take(nowMs);
    if (line === undefined) return;
    const fields = { code, message, remote, ...line };
    this.#log.warn('connection-refused', fields);
  }

  /** Writes that a connection has ended by a fault. */
  connectionClosed({ remote }: Connection, error?: MusterError): void {
    if (error === undefined) return;
    const { code, message } = error;
    this.#log.warn('connection-ended', { code, message, remote });
  }

  #pushed(report: Extract<RunReport, { type: 'pushed' }>): void {
    if (report.outcome === 'accepted') return;
    const { workerId, outcome, step, message } = report;
    this.#log.debug('push', { workerId, outcome, step, message });
  }

  #evaluated({ result }: Extract<RunReport, { type: 'evaluated' }>): void {
    const { version, epoch, trainMs } = result;
    const { trainLoss, trainAccuracy, testLoss, testAccuracy } = result;
    const train = { trainLoss, trainAccuracy };
    const test = { testLoss, testAccuracy };
    const of = { step: version, epoch };
    this.#log.info('epoch', { ...of, ...train, ...test, trainMs });
  }
}

/** A report as a line's fields; the line's event says its type. */
function fieldsOf(report: LoggedReport): LogFields {
  const fields = Object.entries(report).filter(([name]) => name !== 'type');
  return Object.fromEntries(fields);
}
