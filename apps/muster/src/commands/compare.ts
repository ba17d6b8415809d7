/**
 * `muster compare RUN RUN…`: runs beside each other.
 */
import { writeFile } from 'node:fs/promises';
import { MusterError } from '@muster/protocol';
import { bitsTexts, compareDocument } from '../report/compare-document.js';
import { compareRuns } from '../report/compare-runs.js';
import type { ComparedRow } from '../report/compare-runs.js';
import { readRunRecord } from '../report/run-record.js';
import { toHtml } from '../report/to-html.js';
import { findRun } from '../run/run-folder.js';
import { formatTable } from '../view/table.js';
import { print, printJson, settingsFor } from './context.js';
import type { Context } from './context.js';

/** Runs the command; gives the exit code. */
export async function compareCommand(
  runs: readonly string[],
  flags: Readonly<Record<string, unknown>> & { readonly html?: string },
  context: Context,
): Promise<number> {
  const { html, ...rest } = flags;
  const settings = settingsFor('compare', rest, context);
  if (runs.length < 2) {
    throw new MusterError(
      'ERR_CONFIG',
      `muster compare takes two runs or more, got ${runs.length} (see: muster runs)`,
    );
  }
  const folders = await Promise.all(
    runs.map((run) => findRun(run, settings.out)),
  );
  const records = await Promise.all(folders.map(readRunRecord));
  const comparison = compareRuns(records);
  if (html !== undefined) {
    await write(html, toHtml(compareDocument(records, comparison, new Date())));
  }
  const { names, figures, settings: all, sameBits } = comparison;
  const differing = all.filter(({ differs }) => differs);
  const { stdout } = context;
  if (settings.json) {
    printJson(stdout, { names, figures, differing, sameBits, html });
    return 0;
  }
  print(stdout, tableOf(names, figures));
  const heading =
    differing.length === 0
      ? 'They were trained with the same settings.'
      : `Settings that differ:\n\n${tableOf(names, differing)}`;
  print(stdout, `\n${heading}\n`);
  print(stdout, bitsTexts(comparison).join('\n'));
  for (const { path, problems } of records) {
    for (const text of problems) {
      context.stderr.write(`muster: ${path}: ${text}\n`);
    }
  }
  if (html !== undefined) print(stdout, `\n${html}`);
  return 0;
}

function tableOf(
  names: readonly string[],
  rows: readonly ComparedRow[],
): string {
  return formatTable(
    rows.map(({ name, values }) => {
      const row: Record<string, string> = { '': name };
      names.forEach((run, i) => (row[run] = values[i] ?? ''));
      return row;
    }),
  );
}

async function write(path: string, text: string): Promise<void> {
  try {
    await writeFile(path, text);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const message = `cannot write the comparison ${path}: ${reason} (--html)`;
    throw new MusterError('ERR_CONFIG', message, { cause });
  }
}
