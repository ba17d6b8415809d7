/**
 * One worker in the foreground: its output is ours, signals reach it.
 */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { childEnvironment } from './child.js';
import { NODE_FLAGS } from './node-flags.js';
import { WORKER_THREADS } from './worker-threads.js';

/** Signals that are handed on. */
const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/** Starts a worker and gives its exit code when it has ended. */
export async function runWorker(
  settings: Readonly<Record<string, string>>,
): Promise<number> {
  const entry = fileURLToPath(import.meta.resolve('@muster/worker/main'));
  const worker = spawn(process.execPath, [...NODE_FLAGS, entry], {
    env: { ...childEnvironment(settings), ...WORKER_THREADS },
    // the channel tells the worker when this process is gone
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
  });
  // a worker with a launcher leaves Ctrl-C to it
  const handOn = () => void worker.kill('SIGTERM');
  for (const signal of SIGNALS) process.on(signal, handOn);
  const code = await new Promise<number>((resolve, reject) => {
    worker.once('error', reject);
    worker.once('exit', (exit, signal) => resolve(signal ? 1 : (exit ?? 1)));
  });
  for (const signal of SIGNALS) process.off(signal, handOn);
  return code;
}
