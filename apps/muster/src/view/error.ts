/**
 * An error as people see it: what is wrong and its code, and no stack.
 */
import { toMusterError } from '@muster/protocol';
import { RunFailure } from '../processes/run-failure.js';
import type { Output } from './events.js';
import { printable } from './figures.js';

/** Writes an error, with a line break at the end. */
export function printError(output: Output, error: unknown): void {
  output.write(`${formatError(error)}\n`);
}

/**
 * Gives `muster: message (CODE)`; further lines of a message follow below, and
 * the earliest cause of a run's failure comes last. Without a line break at
 * the end.
 */
export function formatError(error: unknown): string {
  const { message, code } = toMusterError(error);
  const [first = '', ...more] = printable(message).trim().split('\n');
  const last = error instanceof RunFailure ? [printable(error.earliest)] : [];
  return [`muster: ${first} (${code})`, ...more, ...last].join('\n');
}
