/**
 * One process in the foreground: its output is ours, signals reach it.
 */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { childEnvironment } from './child.js';
import { NODE_FLAGS } from './node-flags.js';
import { WORKER_THREADS } from './worker-threads.js';

/** Signals that are handed on. */
const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/**
 * Starts a worker, or the replay of a run, and gives its exit code when it has
 * ended.
 * @param settings by environment name; nothing else of ours reaches it.
 */
export async function runInForeground(
  program: '@muster/worker/main' | '@muster/worker/replay',
  settings: Readonly<Record<string, string>>,
): Promise<number> {
  const entry = fileURLToPath(import.meta.resolve(program));
  const child = spawn(process.execPath, [...NODE_FLAGS, entry], {
    env: { ...childEnvironment(settings), ...WORKER_THREADS },
    // the channel tells it when this process is gone
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
  });
  // a process with a launcher leaves Ctrl-C to it
  const handOn = () => void child.kill('SIGTERM');
  for (const signal of SIGNALS) process.on(signal, handOn);
  const code = await new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (exit, signal) => resolve(signal ? 1 : (exit ?? 1)));
  });
  for (const signal of SIGNALS) process.off(signal, handOn);
  return code;
}
