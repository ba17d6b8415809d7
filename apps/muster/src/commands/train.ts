/**
 * `muster train` and `muster server`: makes or finds the run, starts its
 * processes here, shows how it goes, and ends cleanly when it is told to.
 * A server is a training without workers of its own.
 */
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { toMusterError } from '@muster/protocol';
import { explainFailure } from '../logs/explain-failure.js';
import type { Run } from '../run/create-run.js';
import { findRun, findUnfinishedRun } from '../run/run-folder.js';
import type { RunFolder } from '../run/run-folder.js';
import { trainRun } from '../run/train.js';
import type { TrainOptions } from '../run/train.js';
import type { Settings } from '../settings/read-settings.js';
import { formatSummary } from '../view/summary.js';
import { beginRun } from './begin-run.js';
import { checkResume } from './check-resume.js';
import { print, printJson, quietSettingsFor, settingsFor } from './context.js';
import type { Context } from './context.js';
import { planOf } from './plan-of.js';
import { reportAtEnd } from './report-at-end.js';
import { RunView, titleOf } from './run-view.js';
import { StopSignals } from './stop-signals.js';
import { exposures, makeTokenFiles } from './token-files.js';

/** Runs the command; gives the exit code. */
export async function trainCommand(
  command: 'train' | 'server',
  flags: Readonly<Record<string, unknown>>,
  context: Context,
): Promise<number> {
  const given = quietSettingsFor(command, flags, context);
  const resumed = await runToResume(given);
  // a run goes on as it was, in everything that is not said otherwise
  const base =
    resumed && existsSync(resumed.config) ? resumed.config : undefined;
  const settings = settingsFor(command, flags, context, base);
  const people = settings.json ? context.stderr : context.stdout;
  const say = (text: string) => context.stderr.write(`muster: ${text}\n`);
  await makeTokenFiles(settings, say);
  for (const text of exposures(settings)) say(text);
  // before the run's folder is there: from then on a signal is for the run
  let view: RunView | undefined = undefined;
  using stop = new StopSignals((signal) => view?.stopping(signal));
  const run = await runFor(settings, resumed);
  const isServer = command === 'server';
  const numWorkers = isServer ? 0 : settings.workers;
  const cluster = clusterOf(settings, run);
  const runView = new RunView(people, run, numWorkers, cluster);
  view = runView;
  const { path } = run.folder;
  context.tell?.({ type: 'run', folder: path, text: titleOf(run) });
  let hasListened = false;
  const { summary } = await trainRun({
    run,
    numWorkers,
    expectedWorkers: isServer ? settings.expectWorkers : numWorkers,
    ...cluster,
    onReport: (report) => {
      hasListened ||= report.type === 'listening';
      runView.report(report);
      context.tell?.(report);
    },
    signal: stop.signal,
    force: stop.force,
  })
    .catch(async (error: unknown) => {
      const { code, message } = toMusterError(error);
      context.tell?.({ type: 'failed', code, message });
      const explained = await explainFailure(toMusterError(error), run.folder);
      // a new run of which no server could listen leaves nothing behind
      if (!hasListened && !resumed) {
        await rm(run.folder.path, { recursive: true, force: true });
      }
      throw explained;
    })
    .finally(() => runView.close());
  if (settings.json) printJson(context.stdout, summary);
  else print(people, formatSummary(summary, run.folder.path));
  await reportAtEnd(run.folder, settings, people, stop.signal);
  return summary.outcome === 'drained' ? stop.exitCode : 0;
}

function runToResume({
  resume,
  out,
}: Settings): Promise<RunFolder | undefined> {
  if (resume === undefined) return Promise.resolve(undefined);
  return resume === 'auto' ? findUnfinishedRun(out) : findRun(resume, out);
}

async function runFor(
  settings: Settings,
  folder: RunFolder | undefined,
): Promise<Run> {
  if (folder !== undefined) {
    const definition = await folder.readDefinition();
    checkResume(definition, planOf(settings), settings.given);
    return { folder, definition };
  }
  return beginRun(settings, settings.out);
}

function clusterOf(
  settings: Settings,
  run: Run,
): Omit<TrainOptions, 'run' | 'numWorkers'> {
  const { backend, data, checkpointEvery, leaseMs, heartbeatMs } = settings;
  const { logLevel, metrics, metricsListen, listen, insecure } = settings;
  const { dashboardPort } = settings;
  return {
    host: listen.host,
    port: listen.port,
    tokenFile: insecure
      ? settings.tokenFile
      : (settings.tokenFile ?? run.folder.token),
    tls: { cert: settings.tlsCert, key: settings.tlsKey, ca: settings.tlsCa },
    ...{ backend, data, checkpointEvery, leaseMs, heartbeatMs },
    dataBytesPerSecond: settings.dataBytesPerSecond,
    stragglerFactor: settings.stragglerFactor,
    numServers: settings.servers,
    tensorboard: settings.tensorboard,
    numStandbys: settings.standby === 0 ? 0 : 1,
    maxRestarts: settings.maxRestarts,
    ...{ logLevel, metrics, metricsListen, dashboardPort },
    access: settings,
  };
}
