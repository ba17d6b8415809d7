/**
 * What the logs of a run say of failures: its earliest cause. Pure.
 */
import { ERROR_CODES } from '@muster/protocol';
import type { ErrorCode } from '@muster/protocol';
import { logWords } from '@muster/telemetry';
import { FailureHistory } from '../processes/failure-history.js';
import type { Failure } from '../processes/failure-history.js';
import { lostText } from '../processes/failures.js';
import { processOf } from './run-logs.js';
import type { RunLogLine } from './run-logs.js';

/** Failures that are no further apart have one cause: a lease, and a retry. */
const SAME_CAUSE_MS = 20_000;
/** With these a process says that it works. */
const WORKING: ReadonlySet<string> = new Set(['working', 'training-resumed']);

/** How the newest life of a run stands, as its logs say. */
export type LoggedState = 'unknown' | 'running' | 'ended' | 'failed';

/** The logs of a run, read for what went wrong. Takes lines as they come. */
export class LoggedFailures {
  #history = new FailureHistory(SAME_CAUSE_MS);
  #state: LoggedState = 'unknown';
  #startMs: number | undefined;
  #pid: number | undefined;
  #host: string | undefined;

  /** Hears of a line, in the order of time. */
  add(line: RunLogLine): void {
    const { event, process } = line;
    this.#startMs ??= line.atMs;
    if (process === 'muster') this.#addLauncher(line);
    if (this.#state === 'failed' || this.#state === 'ended') return;
    if (WORKING.has(event)) this.#history.works(process);
    const failure = failureOf(line);
    if (failure !== undefined) this.#history.add(failure);
  }

  /** As the launcher's log says; `unknown` where there is none. */
  get state(): LoggedState {
    return this.#state;
  }

  /** The launcher of a run that has not ended, as far as it is known. */
  get launcher(): { pid: number; host: string } | undefined {
    if (this.#state !== 'running') return undefined;
    if (this.#pid === undefined || this.#host === undefined) return undefined;
    return { pid: this.#pid, host: this.#host };
  }

  /** Time of the first line. Epoch milliseconds. */
  get startMs(): number | undefined {
    return this.#startMs;
  }

  /** What the run failed of, if it has; times in epoch milliseconds. */
  get cause(): Failure | undefined {
    return this.chain[0];
  }

  /** The cause and the failures that followed from it, if the run failed. */
  get chain(): readonly Failure[] {
    return this.#state === 'failed' ? this.#history.chain : [];
  }

  #addLauncher({ event, fields }: RunLogLine): void {
    if (event === 'run-started') {
      this.#history = new FailureHistory(SAME_CAUSE_MS);
      this.#state = 'running';
      this.#pid = Number(fields['pid']);
      this.#host = String(fields['host']);
    } else if (event === 'run-ended') this.#state = 'ended';
    else if (event === 'run-failed') this.#state = 'failed';
  }
}

/** What a line says has failed, if it says so. */
function failureOf(line: RunLogLine): Failure | undefined {
  const { event, fields, level, process, atMs } = line;
  if (process === 'muster') return exitOf(line);
  if (level !== 'error') return undefined;
  const message = textOf(fields['message']) ?? logWords(line);
  const code = codeOf(fields['code']);
  // a checkpoint that is missing ends nothing by itself
  if (event === 'checkpoint-failed') return undefined;
  return { who: process, code, message: `${process}: ${message}`, atMs };
}

/** An end that nobody had asked for. */
function exitOf({ event, fields, atMs }: RunLogLine): Failure | undefined {
  const { verdict, exitCode, lastLine } = fields;
  if (event !== 'process-exited' || verdict === 'expected') return undefined;
  if (exitCode === 0) return undefined;
  const name = String(fields['process']);
  const said = textOf(lastLine);
  const end = {
    code: typeof exitCode === 'number' ? exitCode : null,
    signal: (textOf(fields['signal']) ?? null) as NodeJS.Signals | null,
  };
  return {
    ...{ who: processOf(name), atMs },
    code: codeOf(said?.match(/\((ERR_[A-Z_]+)\)$/)?.[1]),
    // as notices and errors of the launcher say it
    message: lostText({ name, end, lastLine: said }),
  };
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function codeOf(value: unknown): ErrorCode {
  return ERROR_CODES.find((code) => code === value) ?? 'ERR_PROCESS_FAILED';
}
