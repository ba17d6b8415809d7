import { ERROR_CODES, MusterError } from '@muster/protocol';
import { describe, expect, it } from 'vitest';
import { formatError } from '../view/error.js';
import type { Failure } from './failure-history.js';
import { REMEDIES } from './remedies.js';
import { withCause } from './run-failure.js';

const failure = (message: string, atMs: number): Failure => ({
  ...{ who: 'worker-0', code: 'ERR_PROCESS_FAILED', message, atMs },
});
const END = new MusterError(
  'ERR_PROCESS_FAILED',
  'worker-0 ended (SIGKILL); x',
);
const KILL = failure('worker-0 ended (SIGKILL)', 4200);

describe('withCause', () => {
  it('leaves an error as it is that says its only cause', () => {
    expect(withCause(END, [KILL])).toBe(END);
    expect(withCause(END, [])).toBe(END);
  });

  it('puts the earliest of several last, with its time and what to do', () => {
    const text = formatError(withCause(END, [KILL, failure('b', 9000)], 1000));
    expect(text.split('\n')).toEqual([
      'muster: worker-0 ended (SIGKILL); x (ERR_PROCESS_FAILED)',
      'earliest cause: 3.2 s after the start, worker-0 ended (SIGKILL) (ERR_PROCESS_FAILED); what to do: somebody killed it, or the machine ran out of memory (dmesg, fewer --workers); go on with --resume',
    ]);
  });

  it('says a cause that the error does not say, or not by its code', () => {
    const other = { ...KILL, code: 'ERR_BACKEND' as const };
    const text = formatError(withCause(END, [other]));
    expect(text.split('\n').at(-1)).toBe(
      'earliest cause: worker-0 ended (SIGKILL) (ERR_BACKEND); what to do: see muster doctor, or take --backend wasm',
    );
  });
});

it('has a remedy for every code', () => {
  expect(Object.keys(REMEDIES)).toEqual([...ERROR_CODES]);
});
