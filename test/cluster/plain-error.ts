/**
 * An error as a person has to meet it: one exit code, one message, no stack.
 */
import { expect } from 'vitest';
import type { ErrorCode } from '@muster/protocol';
import type { Exit } from './muster-process.js';

/** What a command that fails has to say. */
export interface PlainError {
  readonly exitCode: 1 | 2;
  readonly code: ErrorCode;
  /** Found in the message. */
  readonly message: RegExp;
}

/** A frame of a stack, and what Node prints of an error nobody caught. */
const STACK = /^\s+at .+[:(]\d+|node:internal|^Node\.js v|Unhandled/m;

/** Holds an exit to what it should be: the error is the last thing said. */
export function expectPlainError(exit: Exit, expected: PlainError): void {
  const { code, signal, stdout, stderr } = exit;
  expect({ code, signal }, stderr).toEqual({
    code: expected.exitCode,
    signal: null,
  });
  expect(stderr + stdout).not.toMatch(STACK);
  const errors = messagesIn(stderr);
  expect(errors, stderr).toHaveLength(1);
  expect(errors[0]).toMatch(expected.message);
  expect(errors[0]).toMatch(new RegExp(`[([]${expected.code}[)\\]]$`));
}

/** The lines in which the command, or a worker of it, says what is wrong. */
function messagesIn(stderr: string): string[] {
  const lines = stderr.trimEnd().split('\n');
  return lines.filter((line) => /^muster( \w+)?: /.test(line));
}
