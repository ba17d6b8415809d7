/**
 * `muster logs RUN`: what the processes of a run logged, in the order of time,
 * and last what the run failed of.
 */
import { hostname } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { MusterError } from '@muster/protocol';
import { readLogsOptions } from '../logs/flags.js';
import type { LogsOptions } from '../logs/flags.js';
import { LogFiles } from '../logs/log-files.js';
import { LogPrinter } from '../logs/log-printer.js';
import { LoggedFailures } from '../logs/logged-failures.js';
import { mergeLogs } from '../logs/run-logs.js';
import { findRun } from '../run/run-folder.js';
import { print, settingsFor } from './context.js';
import type { Context } from './context.js';

/** How often the files of a run that goes on are looked at. */
const POLL_MS = 200;

/** Runs the command; gives the exit code. */
export async function logsCommand(
  name: string,
  flags: Readonly<Record<string, unknown>>,
  context: Context,
): Promise<number> {
  const { worker, server, level, since, tail, follow, json, ...rest } = flags;
  const own = { worker, server, level, since, tail, follow, json };
  const options = readLogsOptions(own);
  const settings = settingsFor('logs', rest, context);
  const run = await findRun(name, settings.out);
  const files = new LogFiles(run.logs);
  if ((await files.names()).length === 0) {
    throw new MusterError(
      'ERR_RUN_NOT_FOUND',
      `run ${run.name} has no logs in ${run.logs}: processes that an engine starts log to its own place (docker compose logs, kubectl logs, journalctl)`,
    );
  }
  return new LogsView(files, options, context).show();
}

/** The logs of one run, shown once or for as long as it goes on. */
class LogsView {
  readonly #files: LogFiles;
  readonly #options: LogsOptions;
  readonly #context: Context;
  readonly #printer: LogPrinter;
  readonly #failures = new LoggedFailures();
  /** Ends the view: by Ctrl-C, or when nobody reads any more. */
  readonly #stop = new AbortController();
  #numDamaged = 0;

  constructor(files: LogFiles, options: LogsOptions, context: Context) {
    this.#files = files;
    this.#options = options;
    this.#context = context;
    this.#printer = new LogPrinter(context.stdout, context.env, options);
  }

  async show(): Promise<number> {
    const stop = () => this.#stop.abort();
    this.#context.stdout.on('error', stop);
    process.once('SIGINT', stop);
    try {
      await this.#more(!this.#options.isFollowed, this.#options.tail);
      if (this.#options.isFollowed) await this.#follow();
    } finally {
      process.off('SIGINT', stop);
    }
    this.#sayLast();
    return 0;
  }

  /** Shows what is new; gives whether there was anything. */
  async #more(isLast: boolean, tail?: number): Promise<boolean> {
    const parts = await this.#files.read(isLast);
    const lines = mergeLogs(parts);
    for (const line of lines) this.#failures.add(line);
    for (const part of parts) this.#numDamaged += part.numDamaged;
    const { startMs = 0 } = this.#failures;
    this.#printer.print(lines, startMs, tail);
    return lines.length > 0;
  }

  /** Until the run has ended and nothing is written any more. */
  async #follow(): Promise<void> {
    const { signal } = this.#stop;
    let isOver = false;
    while (!signal.aborted && !isOver) {
      await pause(POLL_MS, undefined, { signal }).catch(() => undefined);
      const isQuiet = !(await this.#more(false));
      isOver = isQuiet && this.#isOver();
    }
    await this.#more(true);
  }

  #isOver(): boolean {
    const { state } = this.#failures;
    return state === 'ended' || state === 'failed' || this.#isAbandoned();
  }

  /** Whether the launcher was killed: it has ended and did not say so. */
  #isAbandoned(): boolean {
    const { launcher } = this.#failures;
    return launcher?.host === hostname() && !isRunning(launcher.pid);
  }

  #sayLast(): void {
    const { stderr } = this.#context;
    if (this.#numDamaged > 0) {
      const lines = this.#numDamaged === 1 ? 'line' : 'lines';
      print(stderr, `muster: ${this.#numDamaged} damaged ${lines} left out`);
    }
    if (this.#isAbandoned()) {
      print(
        stderr,
        'muster: the launcher is gone and has logged no end: it was killed, or the machine went down; go on with --resume',
      );
    }
    this.#printer.printCause(this.#failures);
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // somebody else's process is one, too
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
