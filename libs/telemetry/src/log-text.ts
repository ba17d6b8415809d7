/**
 * A log line as a line of a terminal: when, who, and what in words.
 */
import type { LogLine } from './log-line.js';
import { logWords } from './log-words.js';
import type { LogLevel } from './logger.js';

/** What stands before the words, and how they are shown. */
export interface LogTextOptions {
  /** When, in the form that the reader wants. */
  readonly time: string;
  /** Whose line it is: `worker-0`; padded to the width of the longest. */
  readonly who: string;
  /** Fields that `who` says already. */
  readonly known?: readonly string[];
  /** Whether the terminal shows colours. */
  readonly hasColour: boolean;
}

const [RESET, DIM, CYAN] = ['\u001b[0m', '\u001b[2m', '\u001b[36m'];
const COLOUR_OF: Readonly<Record<LogLevel, string>> = {
  debug: DIM,
  info: '',
  warn: '\u001b[33m',
  error: '\u001b[31m',
};

/**
 * Gives one line, without a line break at its end: control characters of its
 * values are replaced, which a terminal would obey.
 */
export function logText(line: LogLine, options: LogTextOptions): string {
  const { time, who, known, hasColour } = options;
  const { level } = line;
  const head = level === 'info' ? '' : `${level}: `;
  const words = head + printable(logWords(line, known));
  const name = printable(who);
  if (!hasColour) return `${time}  ${name}  ${words}`;
  const colour = COLOUR_OF[level];
  const text = colour === '' ? words : colour + words + RESET;
  return `${DIM}${time}${RESET}  ${CYAN}${name}${RESET}  ${text}`;
}

/** Whether to write colours: to a terminal whose user has nothing against. */
export function hasColour(
  output: { readonly isTTY?: boolean | undefined },
  env: NodeJS.ProcessEnv,
): boolean {
  // https://no-color.org: set to anything but nothing
  const isUnwanted = (env['NO_COLOR'] ?? '') !== '';
  return output.isTTY === true && !isUnwanted && env['TERM'] !== 'dumb';
}

function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, '?');
}
