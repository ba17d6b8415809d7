/**
 * Adds to the error of a run that failed what its logs say of the cause.
 */
import type { MusterError } from '@muster/protocol';
import { withCause } from '../processes/run-failure.js';
import type { RunFolder } from '../run/run-folder.js';
import { LogFiles } from './log-files.js';
import { LoggedFailures } from './logged-failures.js';
import { mergeLogs } from './run-logs.js';

/** Gives the error itself where the logs say no more than it does. */
export async function explainFailure(
  error: MusterError,
  run: RunFolder,
): Promise<MusterError> {
  const failures = new LoggedFailures();
  // whatever is wrong with the logs, the error is what has to be told
  const parts = await new LogFiles(run.logs).read(true).catch(() => []);
  for (const line of mergeLogs(parts)) failures.add(line);
  return withCause(error, failures.chain, failures.startMs);
}
