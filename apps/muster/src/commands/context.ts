/**
 * What every command is given, so that tests can give something else.
 */
import { readFileSync } from 'node:fs';
import { readSettings } from '../settings/read-settings.js';
import type { Settings } from '../settings/read-settings.js';
import type { CommandName } from '../settings/table.js';

/** The outside of a command. */
export interface Context {
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  readonly env: NodeJS.ProcessEnv;
  /** Tells whoever started this process, if that is a program that listens. */
  readonly tell?: (report: unknown) => void;
}

/** The real outside. */
export function processContext(): Context {
  const { stdout, stderr, env } = process;
  return { stdout, stderr, env, tell: tellParent };
}

/** A parent that is gone hears nothing: that must not end this process. */
function tellParent(report: unknown): void {
  if (!process.connected) return;
  process.send?.(report, undefined, undefined, () => undefined);
}

/**
 * Reads a command's settings; warnings go to standard error.
 * @param base a YAML file that wins over the defaults only.
 */
export function settingsFor(
  command: CommandName,
  flags: Readonly<Record<string, unknown>>,
  { env, stderr }: Context,
  base?: string,
): Settings {
  return readSettings({
    command,
    flags,
    env,
    readFile: (path) => readFileSync(path, 'utf8'),
    ...(base !== undefined && { base }),
    warn: (message) => stderr.write(`muster: ${message}\n`),
  });
}

/** Reads a command's settings without a word; to be read again aloud. */
export function quietSettingsFor(
  command: CommandName,
  flags: Readonly<Record<string, unknown>>,
  { env }: Context,
): Settings {
  const readFile = (path: string) => readFileSync(path, 'utf8');
  return readSettings({ command, flags, env, readFile });
}

/** Writes a line. */
export function print(stream: NodeJS.WritableStream, text: string): void {
  stream.write(`${text}\n`);
}

/** Writes one JSON object. */
export function printJson(stream: NodeJS.WritableStream, value: unknown): void {
  print(stream, JSON.stringify(value, null, 2));
}
