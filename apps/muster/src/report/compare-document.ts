/**
 * A comparison on paper: curves over each other, figures, settings.
 */
import { versionsPerEpoch } from '@muster/protocol';
import type { Comparison, ComparedRow } from './compare-runs.js';
import { ACCURACY, LOSS, drawCurves } from './curve-charts.js';
import type { RunCurves } from './curve-charts.js';
import type { Block, ReportDocument } from './document.js';
import type { RunRecord } from './run-record.js';

/** Puts it together. @param now when it is made. */
export function compareDocument(
  records: readonly RunRecord[],
  comparison: Comparison,
  now: Date,
): ReportDocument {
  const { names, figures, settings } = comparison;
  const stepsPerEpoch = records.map((one) => versionsPerEpoch(one.definition));
  const isByEpoch = new Set(stepsPerEpoch).size > 1;
  const unit = isByEpoch ? 'epoch, as their steps differ in size' : 'step';
  const runs = records.map(({ metrics }, i): RunCurves => {
    const name = names[i] ?? '';
    return {
      ...{ name, metrics, isCovered: isCovered(comparison, name) },
      ...(isByEpoch && { stepsPerEpoch: stepsPerEpoch[i] ?? 1 }),
    };
  });
  const pale = runs.some((run) => run.isCovered === true)
    ? ' Wide and pale: a later run of the same bits lies on it.'
    : '';
  const charts = [LOSS, ACCURACY].map(
    (kind): Block => ({
      kind: 'chart',
      svg: drawCurves(kind, runs, []),
      caption: `${kind.title} by ${unit}, smoothed; circles: on the test set.${pale}`,
      texts: [],
    }),
  );
  return {
    title: `${names.length} runs compared`,
    tiles: [],
    sections: [
      { heading: '', blocks: [bitsNote(comparison)] },
      { heading: 'Learning', blocks: charts },
      { heading: 'Figures', blocks: [tableOf(names, figures, false)] },
      { heading: 'Settings', blocks: [tableOf(names, settings, true)] },
    ],
    foot: `Made by muster compare, ${now.toISOString().slice(0, 16).replace('T', ' ')} UTC`,
  };
}

/** Whether a later run has the same bits, and so the same curve. */
function isCovered({ sameBits }: Comparison, name: string): boolean {
  return sameBits.some(
    ({ names }) => names.includes(name) && names.at(-1) !== name,
  );
}

function bitsNote(comparison: Comparison): Block {
  const isAny = comparison.sameBits.length > 0;
  const text = bitsTexts(comparison).join(' ');
  return { kind: 'note', mood: isAny ? 'good' : 'info', text };
}

/** Which runs came to the same bits, a sentence each. */
export function bitsTexts({ sameBits }: Comparison): string[] {
  if (sameBits.length === 0)
    return ['No two of them have the same parameters.'];
  return sameBits.map(({ sha256, names }) => {
    return `The same parameters, bit for bit: ${names.join(', ')} (SHA-256 ${sha256}).`;
  });
}

function tableOf(
  names: readonly string[],
  rows: readonly ComparedRow[],
  isMarked: boolean,
): Block {
  const differing = rows.flatMap(({ differs }, i) => (differs ? [i] : []));
  return {
    kind: 'table',
    heads: ['', ...names],
    rows: rows.map(({ name, values }) => [name, ...values]),
    ...(isMarked && { marked: new Set(differing) }),
  };
}
