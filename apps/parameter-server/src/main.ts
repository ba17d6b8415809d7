/**
 * One parameter-server process: reads its settings, serves its run until it is
 * finished or told to stop, and exits 0 (finished or drained), 1 (failed),
 * 2 (bad configuration) or 3 (another server has taken its place).
 */
import { exitCodeOf, toMusterError } from '@muster/protocol';
import type { LauncherOrder, ServerReport } from '@muster/protocol';
import { readConfig, withEnginePlace } from './config.js';
import { ParameterServer } from './parameter-server.js';

/** A launcher that is gone hears nothing: that must not end this process. */
function tellLauncher(report: ServerReport): void {
  if (!process.connected) return;
  process.send?.(report, undefined, undefined, () => undefined);
}

/** The launcher's next word; a launcher that is gone says nothing more. */
function hearLauncher(): Promise<LauncherOrder> {
  return new Promise((resolve) => {
    process.once('message', (order) => resolve(order as LauncherOrder));
  });
}

/** Exit code of a server whose place another one has taken. */
const REPLACED = 3;

async function main(): Promise<number> {
  const config = readConfig(withEnginePlace(process.env));
  const launcher = { tell: tellLauncher, heard: hearLauncher };
  await using server = new ParameterServer(config, launcher);
  const drain = () => server.drain();
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
    await server.start();
  } catch (error) {
    server.failed(toMusterError(error));
    throw error;
  }
  const end = await server.closed;
  if (end.outcome === 'replaced') return REPLACED;
  if (end.outcome !== 'failed') return 0;
  process.stderr.write(`muster server: ${end.message} (${end.code})\n`);
  return exitCodeOf(end.code);
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    const { code, message } = toMusterError(error);
    tellLauncher({ type: 'failed', code, message });
    process.stderr.write(`muster server: ${message} (${code})\n`);
    process.exit(exitCodeOf(code));
  },
);
