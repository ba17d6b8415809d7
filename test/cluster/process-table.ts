/**
 * Which processes of a test are alive, orphans too: each one has inherited a
 * mark in its environment, which `/proc` shows (Linux).
 */
import { readFile, readdir } from 'node:fs/promises';
import { basename } from 'node:path';

/** The variable that marks every process of one test. */
export const MARK_VARIABLE = 'CLUSTER_TEST_MARK';

/** A process that is alive. */
export interface LiveProcess {
  readonly pid: number;
  /** `server`, `server-1`, `standby-0`, a worker's id, or `command`. */
  readonly name: string;
}

/** Gives the processes that carry a mark, in order of their ids. */
export async function processesMarked(mark: string): Promise<LiveProcess[]> {
  const entries = await readdir('/proc');
  const pids = entries.filter((name) => /^\d+$/.test(name)).map(Number);
  const found = await Promise.all(pids.map((pid) => lookAt(pid, mark)));
  return found.filter((one) => one !== undefined);
}

/** Ends processes at once. */
export function killAll(processes: readonly LiveProcess[]): void {
  for (const { pid } of processes) signalTo(pid, 'SIGKILL');
}

/** Sends a signal; false when the process has ended. */
export function signalTo(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}

/** A process that ends meanwhile, or is not ours to read, is not there. */
async function lookAt(
  pid: number,
  mark: string,
): Promise<LiveProcess | undefined> {
  const file = `/proc/${pid}/environ`;
  const text = await readFile(file, 'latin1').catch(() => '');
  const environment = new Map(
    text.split('\0').map((line): [string, string] => {
      const at = line.indexOf('=');
      return [line.slice(0, at), line.slice(at + 1)];
    }),
  );
  if (environment.get(MARK_VARIABLE) !== mark) return undefined;
  return { pid, name: nameIn(environment) };
}

/** A server is named as its log is. */
function nameIn(environment: ReadonlyMap<string, string>): string {
  const worker = environment.get('WORKER_ID');
  if (!environment.has('PS_RUN')) return worker ?? 'command';
  return basename(environment.get('PS_LOG_FILE') ?? 'server', '.log');
}
