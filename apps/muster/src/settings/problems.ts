/**
 * What is wrong with the settings: collected until everything is known, so
 * that a person corrects them once.
 */
import { MusterError } from '@muster/protocol';

/** One thing that is wrong. */
export interface SettingsProblem {
  /** As it was written: `--epochs`, `MUSTER_EPOCH`, a key of the file. */
  readonly name: string;
  /** Completes "expected ...". */
  readonly expected: string;
  /** What was given; left out where it is nothing, or may be a secret. */
  readonly got?: string | undefined;
  /** Where it comes from, in words: `from run.yaml line 3`, `the default`. */
  readonly origin?: string | undefined;
}

/** Longest value that a message shows in full. */
const MAX_SHOWN = 80;

/** Gives the one error for all problems. */
export function settingsError(
  problems: readonly SettingsProblem[],
): MusterError {
  const lines = problems.map(lineOf);
  const message =
    lines.length === 1
      ? lines.join('')
      : [`${lines.length} problems with the settings:`, ...lines].join('\n  ');
  return new MusterError('ERR_CONFIG', message);
}

function lineOf({ name, expected, got, origin }: SettingsProblem): string {
  const shown = got === undefined ? '' : `, got '${shorten(got)}'`;
  const source = origin === undefined ? '' : ` (${origin})`;
  return `${name}: expected ${expected}${shown}${source}`;
}

/** A URL may carry a password: it is not shown. */
function shorten(value: string): string {
  const safe = value.replace(/\/\/[^/]*@/g, '//***@');
  return safe.length <= MAX_SHOWN ? safe : `${safe.slice(0, MAX_SHOWN)}...`;
}
