/**
 * Docker's command line, and whether there is an engine behind it. Without
 * one the tests are skipped with the reason; with REQUIRE_DOCKER=1 they fail.
 */
import { execFile, spawnSync } from 'node:child_process';
import { describe, it } from 'vitest';

/** How a command ended, and all it said. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** How a program is run. */
export interface RunOptions {
  /** Variables beside the inherited ones. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** End of the wait, milliseconds. Default: 10 minutes. */
  readonly timeoutMs?: number;
}

const TIMEOUT_MS = 600_000;
const MAX_OUTPUT_BYTES = 64 * 1024 * 1024;

/** Gives why there is no engine, if that is so. */
export function missingDocker(): string | undefined {
  const words = ['version', '--format', '{{.Server.Version}}'];
  const asked = spawnSync('docker', words, { encoding: 'utf8' });
  if (asked.error !== undefined) {
    return 'no docker command: apt-get install docker.io';
  }
  if (asked.status === 0) return undefined;
  const said = asked.stderr.trim().split('\n')[0] ?? '';
  return `no Docker engine: ${said} (start dockerd)`;
}

/** Gives why one of these programs cannot be run, if that is so. */
export function missingProgram(...names: string[]): string | undefined {
  const missing = names.filter(
    (name) => spawnSync(name, ['--version']).error !== undefined,
  );
  return missing.length === 0 ? undefined : `no ${missing.join(', ')} here`;
}

/**
 * `describe` for what needs an engine, and whatever else `missing` looks for:
 * skipped, with the reason in its name, where it is not there.
 */
export function describeWithDocker(
  name: string,
  body: () => void,
  missing?: string,
): void {
  const reason = missingDocker() ?? missing;
  if (reason === undefined) return void describe(name, body);
  if (process.env['REQUIRE_DOCKER'] !== '1') {
    return void describe.skip(`${name} (skipped: ${reason})`, body);
  }
  describe(name, () => {
    it('has what it needs, as REQUIRE_DOCKER=1 asks for', () => {
      throw new Error(reason);
    });
  });
}

/** Runs a program to its end, whatever that is. */
export function ended(
  program: string,
  words: readonly string[],
  { env = {}, cwd, timeoutMs = TIMEOUT_MS }: RunOptions = {},
): Promise<Ended> {
  return new Promise((resolve) => {
    const options = {
      env: { ...process.env, ...env },
      ...(cwd !== undefined && { cwd }),
      timeout: timeoutMs,
      maxBuffer: MAX_OUTPUT_BYTES,
    };
    const child = execFile(program, [...words], options, (error, out, err) => {
      const stderr = error && child.exitCode === null ? error.message : err;
      resolve({ code: child.exitCode, stdout: out, stderr });
    });
  });
}

/**
 * Runs a program that has to end well.
 * @returns its standard output, without the line break at the end.
 * @throws Error with all it said, when it does not end with 0.
 */
export async function run(
  program: string,
  words: readonly string[],
  options?: RunOptions,
): Promise<string> {
  const { code, stdout, stderr } = await ended(program, words, options);
  if (code === 0) return stdout.trimEnd();
  const command = [program, ...words].join(' ');
  throw new Error(`${command} ended with ${code}\n${stdout}${stderr}`);
}

/** Runs `docker WORDS...`, which has to end well; gives what it printed. */
export function docker(...words: readonly string[]): Promise<string> {
  return run('docker', words);
}

/** The lines of a text, without empty ones. */
export function linesOf(text: string): string[] {
  return text.split('\n').filter((line) => line !== '');
}
