/**
 * One worker process: reads its settings, works until the run ends or it is
 * told to stop, and exits 0 (ended), 1 (failed) or 2 (bad configuration).
 */
import { exitCodeOf, toMusterError } from '@muster/protocol';
import { readConfig, withEnginePlace } from './config.js';
import { WorkerProcess } from './worker-process.js';

async function main(): Promise<number> {
  const config = readConfig(withEnginePlace(process.env));
  await using worker = new WorkerProcess(config);
  const drain = () => worker.drain();
  process.on('SIGTERM', drain);
  // Ctrl-C reaches the whole process group: whoever started this process
  // decides, if anybody did.
  process.on('SIGINT', () => {
    if (process.send === undefined) drain();
  });
  process.on('disconnect', drain);
  // the launcher may have gone before that
  if (process.send !== undefined && !process.connected) drain();
  try {
    await worker.start();
  } catch (error) {
    worker.failed(toMusterError(error));
    throw error;
  }
  const end = await worker.closed;
  if (end.outcome !== 'failed') return 0;
  process.stderr.write(`muster worker: ${end.message} (${end.code})\n`);
  return exitCodeOf(end.code);
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    const { code, message } = toMusterError(error);
    process.stderr.write(`muster worker: ${message} (${code})\n`);
    process.exit(exitCodeOf(code));
  },
);
