/**
 * Reads what happened before out of a run's `metrics.jsonl`. Lines of other
 * kinds, or that are damaged, are passed over: the page shows what there is.
 */
import { readFileSync } from 'node:fs';
import type { RunRecord } from './run-record.js';

type Line = Readonly<Record<string, unknown>>;

/**
 * Enters the file's steps and epochs; nothing where there is no file. Reads
 * at once: who appends to the file, or cuts it, does not come in between.
 */
export function readMetrics(path: string, record: RunRecord): void {
  const lines = textOf(path).split('\n').map(parse);
  // a server that slept may have written its last line late
  lines.sort((a, b) => stepOf(a) - stepOf(b));
  for (const line of lines) enter(line, record);
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // a run that has not begun
  }
}

function parse(text: string): Line {
  if (text === '') return {};
  try {
    const line = JSON.parse(text) as unknown;
    return typeof line === 'object' && line !== null ? (line as Line) : {};
  } catch {
    return {};
  }
}

function enter(line: Line, record: RunRecord): void {
  const step = stepOf(line);
  const { type } = line;
  if (step < 0) return;
  if (type === 'epoch') return record.addEpoch(epochOf(line, step));
  if (type !== undefined) return;
  record.addPoint({
    step,
    loss: numberOr(line['loss'], null),
    accuracy: numberOr(line['accuracy'], 0),
    imagesPerSecond: numberOr(line['imagesPerSecond'], 0),
    learningRate: numberOr(line['learningRate'], 0),
    gradientNorm: numberOr(line['gradientNorm'], null),
    at: numberOr(line['atMs'], 0),
  });
}

/** Negative where a line is of no step. */
function stepOf(line: Line): number {
  return numberOr(line['step'], -1);
}

function epochOf(line: Line, version: number) {
  return {
    type: 'epoch',
    version,
    epoch: numberOr(line['epoch'], 0),
    trainLoss: numberOr(line['trainLoss'], NaN),
    trainAccuracy: numberOr(line['trainAccuracy'], NaN),
    testLoss: numberOr(line['testLoss'], NaN),
    testAccuracy: numberOr(line['testAccuracy'], NaN),
  } as const;
}

function numberOr<T>(value: unknown, fallback: T): number | T {
  return typeof value === 'number' ? value : fallback;
}
