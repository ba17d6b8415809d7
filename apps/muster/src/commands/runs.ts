/**
 * `muster runs`: a table of the runs in the runs' folder.
 */
import { listRuns } from '../run/run-folder.js';
import type { RunFolder } from '../run/run-folder.js';
import { formatTable } from '../view/table.js';
import { print, printJson, settingsFor } from './context.js';
import type { Context } from './context.js';

/** Runs the command; gives the exit code. */
export async function runsCommand(
  flags: Readonly<Record<string, unknown>>,
  context: Context,
): Promise<number> {
  const settings = settingsFor('runs', flags, context);
  const folders = await listRuns(settings.out);
  const rows = await Promise.all(folders.map(rowOf));
  if (settings.json) printJson(context.stdout, rows);
  else if (rows.length === 0) {
    print(context.stdout, `no runs in ${settings.out} yet: try npm start`);
  } else print(context.stdout, formatTable(rows));
  return 0;
}

async function rowOf(folder: RunFolder) {
  const summary = await folder.readSummary();
  const definition = await folder.readDefinition().catch(() => undefined);
  const accuracy = summary?.testAccuracy;
  return {
    run: folder.name,
    state: summary?.outcome ?? 'unfinished',
    data: definition?.dataset.name ?? '?',
    epochs: `${summary?.epochs ?? 0}/${definition?.epochs ?? '?'}`,
    accuracy:
      accuracy === undefined || accuracy === null
        ? ''
        : `${(100 * accuracy).toFixed(2)} %`,
    seconds: summary === undefined ? '' : summary.trainSeconds.toFixed(1),
    workers: summary === undefined ? '' : String(summary.workers),
    sha256: summary?.parametersSha256.slice(0, 12) ?? '',
  };
}
