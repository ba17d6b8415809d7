/**
 * Writes the report of a run: `report.html`, and `report.md` beside it.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MusterError } from '@muster/protocol';
import { makeFolder } from '../run/make-folder.js';
import type { RunFolder } from '../run/run-folder.js';
import type { Settings } from '../settings/read-settings.js';
import { buildReport } from './build-report.js';
import type { Report } from './build-report.js';
import { evaluateRun } from './evaluate-run.js';
import { readRunRecord } from './run-record.js';
import type { Evaluation } from './sections/test-set.js';
import { toHtml } from './to-html.js';
import { toMarkdown } from './to-markdown.js';

/** How a report is made. */
export interface ReportOptions {
  /** Where the files go; the run's folder when not given. */
  readonly to?: string | undefined;
  /** What to evaluate the test set with, or why it is not to be. */
  readonly evaluation: Pick<Settings, 'backend' | 'data'> | string;
}

/** A report that was written. */
export interface WrittenReport extends Report {
  /** Paths. */
  readonly html: string;
  readonly markdown: string;
  /** Or why there is none. */
  readonly evaluation: Evaluation | string;
}

/**
 * Makes and writes a report.
 * @throws MusterError `ERR_RUN_NOT_FOUND`; `ERR_CONFIG` when the files cannot
 *   be written.
 */
export async function writeReport(
  folder: RunFolder,
  options: ReportOptions,
): Promise<WrittenReport> {
  const record = await readRunRecord(folder);
  const { definition } = record;
  const evaluation =
    typeof options.evaluation === 'string'
      ? options.evaluation
      : await evaluateRun({ folder, definition }, options.evaluation);
  const report = buildReport(record, evaluation, new Date());
  const to = options.to ?? folder.path;
  if (options.to !== undefined) await makeFolder(to, '--to');
  const html = join(to, 'report.html');
  const markdown = join(to, 'report.md');
  await write(html, toHtml(report.document));
  await write(markdown, toMarkdown(report.document));
  return { ...report, html, markdown, evaluation };
}

async function write(path: string, text: string): Promise<void> {
  try {
    await writeFile(path, text);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new MusterError(
      'ERR_CONFIG',
      `cannot write the report ${path}: ${reason} (--to DIR writes it elsewhere)`,
      { cause },
    );
  }
}
