/**
 * The report of a run that has just ended. Whatever goes wrong with it, the
 * training was done.
 */
import { toMusterError } from '@muster/protocol';
import { writeReport } from '../report/write-report.js';
import type { RunFolder } from '../run/run-folder.js';
import type { Settings } from '../settings/read-settings.js';
import { print } from './context.js';

/**
 * Writes it, if it is wanted, and says where it is.
 * @param stop who was told to stop does not wait for an evaluation.
 */
export async function reportAtEnd(
  folder: RunFolder,
  settings: Pick<Settings, 'report' | 'backend' | 'data'>,
  people: NodeJS.WritableStream,
  stop: AbortSignal,
): Promise<void> {
  if (!settings.report) return;
  const stopped = `The test set was not evaluated, as the run was told to stop: npx muster report ${folder.path} does it.`;
  try {
    const { html } = await writeReport(folder, {
      evaluation: stop.aborted ? stopped : settings,
    });
    print(people, `  report         ${html}`);
  } catch (error) {
    const { message, code } = toMusterError(error);
    print(people, `  report         none: ${message} (${code})`);
  }
}
