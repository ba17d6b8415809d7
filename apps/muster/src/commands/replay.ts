/**
 * `muster replay RUN`: computes a run again in the order in which its
 * gradients were applied, and compares the bits.
 */
import { existsSync } from 'node:fs';
import { runInForeground } from '../processes/run-in-foreground.js';
import { findRun } from '../run/run-folder.js';
import { quietSettingsFor, settingsFor } from './context.js';
import type { Context } from './context.js';

/** Runs the command until the replay ends; gives its exit code. */
export async function replayCommand(
  name: string,
  flags: Readonly<Record<string, unknown>>,
  context: Context,
): Promise<number> {
  const { out } = quietSettingsFor('replay', flags, context);
  const { path, config } = await findRun(name, out);
  // the data and the backend of the run, if no other is given
  const base = existsSync(config) ? config : undefined;
  const settings = settingsFor('replay', flags, context, base);
  const { backend, data, json } = settings;
  return runInForeground('@muster/worker/replay', {
    REPLAY_RUN: path,
    REPLAY_BACKEND: backend,
    ...(data !== undefined && { REPLAY_DATA: data }),
    ...(json && { REPLAY_JSON: 'true' }),
  });
}
