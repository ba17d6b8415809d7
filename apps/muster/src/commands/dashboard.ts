/**
 * `muster dashboard RUN`: the live page of a run that nobody serves: one that
 * has ended, or goes on somewhere else, as its folder tells of it.
 */
import { existsSync } from 'node:fs';
import { pageFiles, startDashboard } from '@muster/dashboard';
import type { Dashboard, Feed } from '@muster/dashboard';
import { createLogger } from '@muster/telemetry';
import { openNetwork } from '../dashboard/open-network.js';
import { RecordedFeed } from '../dashboard/recorded-feed.js';
import { readRunRecord } from '../report/run-record.js';
import { stateOf } from '../report/run-state.js';
import { findRun } from '../run/run-folder.js';
import { print, quietSettingsFor, settingsFor } from './context.js';
import type { Context } from './context.js';
import { StopSignals } from './stop-signals.js';

/** Others reach it by a tunnel: the page has no token of its own. */
const HOST = '127.0.0.1';

/** Runs the command until it is stopped; gives the exit code. */
export async function dashboardCommand(
  name: string,
  flags: Readonly<Record<string, unknown>>,
  context: Context,
): Promise<number> {
  const { out } = quietSettingsFor('dashboard', flags, context);
  const folder = await findRun(name, out);
  // the data that the run was trained with, if no other is given
  const base = existsSync(folder.config) ? folder.config : undefined;
  const settings = settingsFor('dashboard', flags, context, base);
  const notice = (text: string) => print(context.stderr, `muster: ${text}`);
  const record = await readRunRecord(folder);
  const state = stateOf(record);
  for (const problem of record.problems) notice(problem);
  if (state.word !== 'finished') notice(state.text);
  const run = { folder, definition: record.definition };
  using network = await openNetwork(run, settings, notice);
  const { pictures } = network;
  const classify = (image: Uint8Array) => network.classify(image);
  const feed = new RecordedFeed({ record, state, pictures, classify });
  const served = await serve(feed, settings.port);
  using signals = new StopSignals(() => undefined);
  print(context.stdout, `dashboard at ${served.url}/ (Ctrl-C ends it)`);
  await aborted(signals.signal);
  await served.close();
  return 0;
}

/** @throws an error with code `ERR_PORT_IN_USE`. */
function serve(feed: Feed, port: number): Promise<Dashboard> {
  const log = createLogger({
    ...{ name: 'muster', level: 'warn', destination: 'stderr' },
  });
  const files = pageFiles();
  const where = { host: HOST, port, setting: '--port' };
  return startDashboard({ ...where, feed, files, log });
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
