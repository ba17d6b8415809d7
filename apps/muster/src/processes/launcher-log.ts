/**
 * The launcher's own log, `logs/muster.log` of a run: which processes were
 * started, how each ended, and what came of it. "Why did it die" begins here.
 */
import { join } from 'node:path';
import type { MusterError } from '@muster/protocol';
import { createLogger, hostFacts } from '@muster/telemetry';
import type { LogFields, Logger, LogLevel } from '@muster/telemetry';
import type { LostProcess } from './failures.js';
import type { Verdict } from './verdict.js';

/** A process that ended, and what is done about it. */
export interface Exit extends LostProcess {
  /** From its start to its end. */
  readonly livedMs: number;
  /** `expected` where the run was at its end or was told to end. */
  readonly verdict: Verdict | 'expected';
  /** Until it is started again. */
  readonly delayMs?: number;
}

/** Level of the line about an end, by what it means to the run. */
const LEVELS: Readonly<Record<Exit['verdict'], LogLevel>> = {
  expected: 'info',
  wait: 'info',
  leave: 'warn',
  restart: 'warn',
  fail: 'error',
};

/** See the head of this file. */
export class LauncherLog {
  readonly #log: Logger;

  constructor(log: Logger) {
    this.#log = log;
  }

  /**
   * Opens the log of a run.
   * @throws an error with code `ERR_CONFIG` if the file cannot be opened.
   */
  static open(folder: string, runId: string): LauncherLog {
    const file = join(folder, 'logs', 'muster.log');
    return new LauncherLog(
      createLogger({
        ...{ name: 'muster', level: 'info', destination: { file } },
        bindings: { runId },
      }),
    );
  }

  /** The run begins, or goes on. */
  started(size: LogFields): void {
    const { pid } = process;
    this.#log.info('run-started', { pid, ...hostFacts(), ...size });
  }

  /** A process was started, for the first time or again. */
  launched(process: string, pid: number): void {
    this.#log.info('process-launched', { ...idsOf(process), pid });
  }

  /** A process has ended. */
  exited({ name, end, lastLine, livedMs, verdict, delayMs }: Exit): void {
    const { code, signal } = end;
    const isGood = code === 0 && verdict === 'leave';
    this.#log[isGood ? 'info' : LEVELS[verdict]]('process-exited', {
      ...idsOf(name),
      ...{ exitCode: code, signal, livedMs: Math.round(livedMs) },
      ...{ verdict, delayMs, lastLine },
    });
  }

  /** The run was told to stop. */
  stopping(how: 'drain' | 'kill'): void {
    this.#log.info('run-stopping', { how });
  }

  /** The run has come to its end. */
  ended(result: LogFields): void {
    this.#log.info('run-ended', result);
  }

  /** The run has failed. */
  failed({ code, message }: MusterError): void {
    this.#log.error('run-failed', { code, message });
  }

  /** Closes the file. Idempotent. */
  close(): void {
    this.#log.close();
  }
}

/** A worker's name is its id in every log. */
function idsOf(process: string): LogFields {
  const isServer = /^(server|standby)(-\d+)?$/.test(process);
  return isServer ? { process } : { process, workerId: process };
}
