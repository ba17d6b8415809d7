/**
 * How a run can be had again: the exact command, and the bits that it must
 * come to. Pure.
 */
import { describeModel, notebookTopology } from '@muster/model';
import type { RunDefinition } from '@muster/protocol';
import { isReplayed } from '../run/create-run.js';
import { flagOf } from '../settings/names.js';
import { SETTING_ENTRIES } from '../settings/table.js';
import type { RunRecord } from './run-record.js';

/** What to do, and what comes of it. */
export interface Reproduction {
  /** Lines of a shell; empty where no command can do it. */
  readonly command: string;
  readonly text: string;
}

/** Says how. */
export function reproductionOf(record: RunRecord): Reproduction {
  const { definition, summary, path } = record;
  const sha256 =
    summary?.outcome === 'finished' ? summary.parametersSha256 : '';
  if (isReplayed(definition)) {
    const command = `npx muster replay ${path}`;
    const bits = sha256 === '' ? '' : `, SHA-256 ${sha256}`;
    const text = `In mode ${definition.consistency.name} the bits depend on the order in which contributions came, which is recorded: a replay comes to the same bits${bits}.`;
    return { command, text };
  }
  if (record.config.size === 0 || !isNotebook(definition)) {
    const text =
      'A program made this run, with a network or a start of its own: run that program again.';
    return { command: '', text };
  }
  const expected =
    sha256 === ''
      ? 'The run has not finished, so its bits are not known yet.'
      : `The parameters must have SHA-256 ${sha256}, with any number of workers and servers`;
  const where =
    sha256 === ''
      ? ''
      : `, on a processor with the same instruction set and with the same backend: ${summary?.backend ?? ''} (numerics ${(summary?.numerics ?? '').slice(0, 12)}).`;
  const mixed =
    summary?.reproducible === false
      ? ' But workers of different numerics took part, so these bits cannot be had again.'
      : '';
  return { command: commandOf(record), text: expected + where + mixed };
}

/** The settings that decide the bits, all of them: defaults may change. */
function commandOf({ config, summary }: RunRecord): string {
  const deciding = SETTING_ENTRIES.filter(
    ([name, { group }]) => group === 'Training' || name === 'data',
  );
  const words = deciding.flatMap(([name]) => {
    const text = name === 'backend' ? summary?.backend : undefined;
    const value = text ?? config.get(name)?.text;
    return value === undefined ? [] : [`${flagOf(name)} ${quoted(value)}`];
  });
  return ['npx muster train', ...words].join(' \\\n  ');
}

/** Whether the command trains this network, from the start that it makes. */
function isNotebook({ model, dataset }: RunDefinition): boolean {
  const { fingerprint } = describeModel(notebookTopology(dataset));
  return fingerprint === model.fingerprint;
}

/** A word of a shell. */
function quoted(word: string): string {
  if (/^[\w@%+=:,./-]+$/.test(word)) return word;
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
