/**
 * The error of a run that failed, with its earliest cause.
 */
import { MusterError } from '@muster/protocol';
import type { Failure } from './failure-history.js';
import { remedyFor } from './remedies.js';

/** See the head of this file. Message and code are of what ended the run. */
export class RunFailure extends MusterError {
  /** What began it, in a line, and what to do. */
  readonly earliest: string;

  /** @param sinceMs the run's start, on the clock of the failure. */
  constructor(end: MusterError, cause: Failure, sinceMs?: number) {
    super(end.code, end.message, { cause: end });
    this.earliest = earliestText(cause, sinceMs);
  }
}

/** `earliest cause: 3.2 s after the start, worker-0 ...; what to do: ...`. */
export function earliestText(
  { code, message, atMs }: Failure,
  sinceMs?: number,
): string {
  const when =
    sinceMs === undefined
      ? ''
      : `${((atMs - sinceMs) / 1000).toFixed(1)} s after the start, `;
  const [first = ''] = message.split('\n');
  return `earliest cause: ${when}${first} (${code}); what to do: ${remedyFor(code, message)}`;
}

/**
 * Adds the cause to an error, unless that is the only failure there was, and
 * the error says it already.
 * @param chain the failures that led to it, the cause first.
 * @param sinceMs the run's start, on the clock of the failures.
 */
export function withCause(
  error: MusterError,
  chain: readonly Failure[],
  sinceMs?: number,
): MusterError {
  const [cause, ...more] = chain;
  if (cause === undefined) return error;
  const isSaid =
    error.code === cause.code && error.message.includes(cause.message);
  if (more.length === 0 && isSaid) return error;
  return new RunFailure(error, cause, sinceMs);
}
