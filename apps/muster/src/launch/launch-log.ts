/**
 * The log of a launch, in the run's folder on this machine: `logs/launch.log`
 * has what happened to the hosts, and each worker's lines, which come by ssh,
 * go into a log of its own, as they would on one machine.
 */
import { appendFileSync, mkdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parseLogLine } from '@muster/telemetry';
import type { LogFields, LogLevel } from '@muster/telemetry';
import { SERVER } from './agent-processes.js';

/** Lines that are kept until the run has a folder: beyond, the first go. */
const MAX_WAITING = 10_000;

/** A line, and the log that it is for. */
interface Entry {
  readonly file: string;
  readonly text: string;
}

/** See the head of this file. Writes at once; what fails is not tried again. */
export class LaunchLog {
  #folder: string | undefined;
  #runId: string | undefined;
  #waiting: Entry[] = [];
  #isBroken = false;
  readonly #onBroken: (text: string) => void;

  /** @param onBroken hears once that nothing can be written. */
  constructor(onBroken: (text: string) => void) {
    this.#onBroken = onBroken;
  }

  /**
   * The run has a name: what was kept is written now.
   * @param folder of the run, on this machine; named after it.
   */
  begin(folder: string): void {
    if (this.#folder !== undefined) return;
    this.#folder = join(folder, 'logs');
    this.#runId = basename(folder);
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const entry of waiting) this.#append(entry);
  }

  /** Something that the launcher says. */
  note(level: LogLevel, message: string): void {
    this.#event(level, 'host-note', { message });
  }

  /** A process was started, for the first time or again. */
  launched(host: string, process: string, pid: number): void {
    this.#event('info', 'process-launched', { ...idsOf(host, process), pid });
  }

  /** A line of a process there: one of a log goes into that log. */
  line(host: string, process: string, text: string): void {
    if (parseLogLine(text) !== undefined) {
      return this.#add({ file: `${process}.log`, text });
    }
    const fields = { ...idsOf(host, process), message: text };
    this.#event('info', 'process-said', fields);
  }

  #event(level: LogLevel, event: string, fields: LogFields): void {
    const time = new Date().toISOString();
    const [name, runId] = ['muster', this.#runId];
    const line = { level, time, name, runId, event, ...fields };
    this.#add({ file: 'launch.log', text: JSON.stringify(line) });
  }

  #add(entry: Entry): void {
    if (this.#folder !== undefined) return this.#append(entry);
    this.#waiting.push(entry);
    if (this.#waiting.length > MAX_WAITING) this.#waiting.shift();
  }

  #append({ file, text }: Entry): void {
    if (this.#folder === undefined || this.#isBroken) return;
    try {
      mkdirSync(this.#folder, { recursive: true });
      appendFileSync(join(this.#folder, file), `${text}\n`);
    } catch (error) {
      this.#isBroken = true;
      this.#onBroken(
        `log lines are being lost: cannot write ${join(this.#folder, file)}: ${String(error)}`,
      );
    }
  }
}

/** A worker's name is its id in every log. */
function idsOf(host: string, process: string): LogFields {
  const ids = { host, process };
  return process === SERVER ? ids : { ...ids, workerId: process };
}
