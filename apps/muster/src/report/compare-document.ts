/**
 * A comparison on paper: curves over each other, figures, settings.
 */
import type { Comparison, ComparedRow } from './compare-runs.js';
import { ACCURACY, LOSS, drawCurves } from './curve-charts.js';
import type { Block, ReportDocument } from './document.js';
import type { RunRecord } from './run-record.js';

/** Puts it together. @param now when it is made. */
export function compareDocument(
  records: readonly RunRecord[],
  comparison: Comparison,
  now: Date,
): ReportDocument {
  const { names, figures, settings } = comparison;
  const runs = records.map(({ metrics }, i) => {
    return { name: names[i] ?? '', metrics };
  });
  const charts = [LOSS, ACCURACY].map(
    (kind): Block => ({
      kind: 'chart',
      svg: drawCurves(kind, runs, []),
      caption: `${kind.title} by step, smoothed; circles: on the test set.`,
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
