/**
 * What is said when processes end: in notices, and in the error that a run
 * fails with.
 */
import { MusterError } from '@muster/protocol';
import type { ChildEnd } from './child.js';

/** A process that ended. */
export interface LostProcess {
  readonly name: string;
  readonly end: ChildEnd;
  /** The last line that it wrote, if it wrote any. */
  readonly lastLine: string | undefined;
}

/** `SIGKILL`, `exit code 1`. */
export function howOf({ code, signal }: ChildEnd): string {
  if (signal !== null) return signal;
  return code === null ? 'could not be started' : `exit code ${code}`;
}

/** `worker-1 ended (SIGKILL): its last words`. */
export function lostText(lost: LostProcess): string {
  return `${lost.name} ended (${howOf(lost.end)})${lastWords(lost)}`;
}

/** The notice about a process that is started again after a while. */
export function restartText(lost: LostProcess, delayMs: number): string {
  const what =
    delayMs < 1000
      ? 'started again'
      : `starting again in ${(delayMs / 1000).toFixed(1)} s`;
  return `${lost.name} ended (${howOf(lost.end)}), ${what}${lastWords(lost)}`;
}

/** Without a server the run cannot go on. */
export function serverLost(lost: LostProcess, folder: string): MusterError {
  const which = lost.name === 'server' ? '' : ` ${lost.name}`;
  return new MusterError(
    'ERR_PROCESS_FAILED',
    `the parameter server${which} ended unexpectedly (${howOf(lost.end)})${lastWords(lost)}; see logs/ in ${folder}, go on with --resume`,
  );
}

/** A worker that cannot use what it was given would not another time. */
export function workerUnusable(lost: LostProcess, folder: string): MusterError {
  return new MusterError(
    'ERR_PROCESS_FAILED',
    `${lostText(lost)}; it cannot work with its settings or data, and would not when started again; see logs/ in ${folder}`,
  );
}

/** Nobody is left who computes. */
export function noWorkers(lost: LostProcess, folder: string): MusterError {
  return new MusterError(
    'ERR_NO_WORKERS',
    `every worker of the run has ended, the last one: ${lostText(lost)}; see logs/ in ${folder}`,
  );
}

/** Something is wrong that starting again does not mend. */
export function tooManyRestarts(
  lost: LostProcess,
  of: { maxRestarts: number; earliest: string; folder: string },
): MusterError {
  return new MusterError(
    'ERR_PROCESS_FAILED',
    `${lostText(lost)}; not started again after ${of.maxRestarts} restarts within an hour (--max-restarts), the first because ${of.earliest}; see logs/ in ${of.folder}, go on with --resume`,
  );
}

function lastWords({ lastLine }: LostProcess): string {
  return lastLine === undefined ? '' : `: ${lastLine}`;
}
