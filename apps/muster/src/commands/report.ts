/**
 * `muster report RUN`: how a run went, as one HTML file and as Markdown.
 */
import { existsSync } from 'node:fs';
import { writeReport } from '../report/write-report.js';
import { findRun } from '../run/run-folder.js';
import { print, printJson, quietSettingsFor, settingsFor } from './context.js';
import type { Context } from './context.js';

/** Runs the command; gives the exit code. */
export async function reportCommand(
  name: string,
  flags: Readonly<Record<string, unknown>> & {
    readonly to?: string;
    readonly evaluate: boolean;
  },
  context: Context,
): Promise<number> {
  const { to, evaluate, ...rest } = flags;
  const { out } = quietSettingsFor('report', rest, context);
  const folder = await findRun(name, out);
  // the data that the run was trained with, if no other is given
  const base = existsSync(folder.config) ? folder.config : undefined;
  const settings = settingsFor('report', rest, context, base);
  const written = await writeReport(folder, {
    to,
    evaluation: evaluate
      ? settings
      : 'The test set was not evaluated: --no-evaluate left it out.',
  });
  const { html, markdown, state, recoveries, evaluation } = written;
  if (settings.json) {
    const test =
      typeof evaluation === 'string'
        ? { skipped: evaluation }
        : { version: evaluation.version, ...evaluation.figures };
    const { document } = written;
    const { title } = document;
    printJson(context.stdout, {
      title,
      html,
      markdown,
      state,
      recoveries,
      test,
    });
    return 0;
  }
  print(context.stdout, html);
  return 0;
}
