/**
 * `muster evaluate RUN`: the newest parameters of a run on the test set.
 */
import { existsSync } from 'node:fs';
import { sha256Of } from '../run/parameters-sha256.js';
import { findRun } from '../run/run-folder.js';
import { print, printJson, quietSettingsFor, settingsFor } from './context.js';
import type { Context } from './context.js';
import { dataFor, evaluateOn, openRun } from './trained-run.js';

/** Runs the command; gives the exit code. */
export async function evaluateCommand(
  name: string,
  flags: Readonly<Record<string, unknown>>,
  context: Context,
): Promise<number> {
  const { out } = quietSettingsFor('evaluate', flags, context);
  const { config } = await findRun(name, out);
  // the data that the run was trained with, if no other is given
  const base = existsSync(config) ? config : undefined;
  const settings = settingsFor('evaluate', flags, context, base);
  const trained = await openRun(name, settings);
  const dataset = await dataFor(trained.run, settings.data);
  const result = evaluateOn(trained, dataset);
  trained.replica.dispose();
  const { runId } = trained.run.definition;
  if (settings.json) {
    const parametersSha256 = sha256Of(trained.parameters);
    printJson(context.stdout, {
      ...{ runId, data: dataset.name, ...result, parametersSha256 },
    });
    return 0;
  }
  const percent = (100 * result.testAccuracy).toFixed(2);
  print(
    context.stdout,
    `${runId} on ${dataset.name}: ${percent} % (${result.correct} of ${result.count}), loss ${result.testLoss.toFixed(4)}`,
  );
  return 0;
}
