/**
 * Shows lines of a run's logs, and at the end the earliest cause of a failure.
 */
import { hasColour, logText } from '@muster/telemetry';
import { earliestText } from '../processes/run-failure.js';
import { remedyFor } from '../processes/remedies.js';
import { printable } from '../view/figures.js';
import type { LogsOptions } from './flags.js';
import { formatSince, isWanted } from './log-filter.js';
import type { LoggedFailures } from './logged-failures.js';
import type { RunLogLine } from './run-logs.js';

/** The part of a stream that is written to. */
interface Output {
  readonly isTTY?: boolean | undefined;
  write(text: string): unknown;
}

/** Longest time that is shown without moving what follows it. */
const TIME_WIDTH = '00:00.000'.length;

/** Logs of launchers: that of a machine, and that of several. */
const LAUNCHERS: ReadonlySet<string> = new Set(['muster', 'launch']);

/** See the head of this file. */
export class LogPrinter {
  readonly #output: Output;
  readonly #options: LogsOptions;
  readonly #hasColour: boolean;
  /** Width of the longest name so far. */
  #nameWidth = 0;

  constructor(output: Output, env: NodeJS.ProcessEnv, options: LogsOptions) {
    this.#output = output;
    this.#options = options;
    this.#hasColour = hasColour(output, env);
  }

  /**
   * Shows those of the lines that are wanted.
   * @param startMs the run's start. Epoch milliseconds.
   * @param tail so many from the end, of all that are wanted.
   */
  print(lines: readonly RunLogLine[], startMs: number, tail?: number): void {
    const wanted = lines.filter((line) =>
      isWanted(line, this.#options.filter, startMs),
    );
    const shown = tail === undefined ? wanted : lastOf(wanted, tail);
    const widths = shown.map(({ process }) => process.length);
    this.#nameWidth = Math.max(this.#nameWidth, ...widths);
    for (const line of shown) this.#write(this.#textOf(line, startMs));
  }

  /** Shows what the run failed of, if it has. */
  printCause({ cause, startMs }: LoggedFailures): void {
    if (cause === undefined) return;
    const { who, code, message, atMs } = cause;
    if (!this.#options.isJson) {
      return this.#write(printable(earliestText(cause, startMs)));
    }
    const time = new Date(atMs).toISOString();
    const remedy = remedyFor(code, message);
    const event = 'earliest-cause';
    this.#write(JSON.stringify({ time, event, who, code, message, remedy }));
  }

  #textOf(line: RunLogLine, startMs: number): string {
    const { process, fields } = line;
    if (this.#options.isJson)
      return JSON.stringify({ log: process, ...fields });
    const known = fields['workerId'] === process ? ['workerId'] : [];
    if (fields['shard'] === fields['server']) known.push('shard');
    // the launcher's words name the process that they are about
    if (LAUNCHERS.has(process)) known.push('workerId', 'process');
    return logText(line, {
      time: formatSince(line.atMs - startMs).padStart(TIME_WIDTH),
      who: process.padEnd(this.#nameWidth),
      known,
      hasColour: this.#hasColour,
    });
  }

  #write(text: string): void {
    this.#output.write(`${text}\n`);
  }
}

function lastOf<T>(items: readonly T[], count: number): readonly T[] {
  return count === 0 ? [] : items.slice(-count);
}
