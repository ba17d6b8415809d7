/**
 * Which of many failures is told as the reason. Pure.
 */
import { MusterError } from '@muster/protocol';
import type { ErrorCode } from '@muster/protocol';

/** Something that failed. */
export interface Failure {
  readonly host: string;
  readonly code: ErrorCode;
  readonly message: string;
  /** Any clock that rises, the same for all. */
  readonly atMs: number;
}

/**
 * Gives the error that a run ends with: the earliest failure is the cause,
 * what came after it mostly its consequence.
 * @param failures in the order in which they were heard of; the last one
 *   ended the run.
 * @param sameCauseMs what came so long before the last one has been lived
 *   with, and is no cause.
 */
export function rootCause(
  failures: readonly Failure[],
  sameCauseMs: number,
): MusterError {
  const endMs = failures.at(-1)?.atMs ?? 0;
  const [first, ...more] = failures.filter(
    ({ atMs }) => endMs - atMs <= sameCauseMs,
  );
  if (first === undefined) {
    return new MusterError('ERR_INTERNAL', 'a run failed without a failure');
  }
  const after = more.map(({ message }) => message).filter(isNew);
  const rest = after.length === 0 ? [] : ['after that:', ...after];
  return new MusterError(first.code, [first.message, ...rest].join('\n  '));

  function isNew(message: string, at: number, all: string[]): boolean {
    return message !== first?.message && all.indexOf(message) === at;
  }
}
