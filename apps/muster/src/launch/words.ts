/**
 * The exact words of commands that a shell of another host reads. ssh hands
 * its command to the login shell of the user as one text: what is a word here
 * must be the same word there.
 */

/** What no shell gives a meaning to, in any place. */
const PLAIN = /^[A-Za-z0-9_@%+:,./-][A-Za-z0-9_@%+:,./=-]*$/;

/**
 * Gives a word as a POSIX shell reads it back, itself where it needs no
 * quotes.
 * @param word without NUL, which no command can be given.
 */
export function quote(word: string): string {
  if (PLAIN.test(word)) return word;
  return `'${word.replaceAll("'", String.raw`'\''`)}'`;
}

/** Words as one text that a POSIX shell reads back as these words. */
export function commandLine(words: readonly string[]): string {
  return words.map(quote).join(' ');
}

/** A path for a POSIX shell; `~` at its start is the home of who logs in. */
export function pathExpression(path: string): string {
  if (path === '~') return '"$HOME"';
  return path.startsWith('~/')
    ? `"$HOME"/${quote(path.slice(2))}`
    : quote(path);
}

/** A command that runs a script by `sh`, whatever the login shell is. */
export function shellCommand(script: string): string {
  return `exec sh -c ${quote(script)}`;
}

/** A command that runs the script that it reads. */
export const SCRIPT_COMMAND = 'exec sh -s';

/** Where Muster lies on a host, and what runs it. */
export interface ProgramPlace {
  /** Absolute, or from `~/` on. */
  readonly folder: string;
  readonly node: string;
}

/** The command that starts Muster on a host, in the folder where it lies. */
export function musterCommand(
  { folder, node }: ProgramPlace,
  args: readonly string[],
): string {
  const program = 'apps/muster/dist/main.js';
  return shellCommand(
    `cd ${pathExpression(folder)} && exec ${pathExpression(node)} ${commandLine([program, ...args])}`,
  );
}

/** The command that sets Muster up on a host, from its sources. */
export function setUpCommand({ folder, node }: ProgramPlace): string {
  return shellCommand(
    `cd ${pathExpression(folder)} && exec ${pathExpression(node)} apps/muster/setup/main.mjs`,
  );
}
