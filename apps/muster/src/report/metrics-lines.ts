/**
 * `metrics.jsonl`, line by line: steps, epochs, the workers' phases, and where
 * training went back.
 */
import { numberIn, parseJsonLines } from './json-lines.js';
import type { JsonLine } from './json-lines.js';

/** One applied step. NaN where the file does not say. */
export interface StepLine {
  readonly step: number;
  /** Unix time in milliseconds. */
  readonly atMs: number;
  /** From 1. */
  readonly epoch: number;
  readonly loss: number;
  /** 0 to 1. */
  readonly accuracy: number;
  readonly learningRate: number;
  readonly gradientNorm: number;
  readonly imagesPerSecond: number;
  readonly workers: number;
}

/** One epoch's evaluation. */
export interface EpochLine {
  readonly step: number;
  readonly epoch: number;
  readonly trainLoss: number;
  readonly trainAccuracy: number;
  readonly testLoss: number;
  readonly testAccuracy: number;
  /** Training time since the run began. */
  readonly trainMs: number;
}

/** Training went back to a version: the steps after it were done again. */
export interface RewindLine {
  /** The version. */
  readonly step: number;
  /** The last step that was there. */
  readonly from: number;
  readonly atMs: number;
}

/** Where one worker's time went. */
export interface WorkerPhases {
  readonly tasks: number;
  readonly examples: number;
  /** Milliseconds by phase. */
  readonly phasesMs: Readonly<Record<string, number>>;
}

/** All of the file. */
export interface MetricsLines {
  /** Ascending by step. */
  readonly steps: readonly StepLine[];
  readonly epochs: readonly EpochLine[];
  readonly rewinds: readonly RewindLine[];
  /** Sums over the run, by worker. */
  readonly phases: ReadonlyMap<string, WorkerPhases>;
  /** Numbers of the lines that could not be read, from 1. */
  readonly damaged: readonly number[];
}

/** Reads the file's text. */
export function parseMetrics(text: string): MetricsLines {
  const { lines, damaged } = parseJsonLines(text);
  const of = (type?: string) => lines.filter((line) => line['type'] === type);
  return {
    // a server that slept may have written its last line late
    steps: of()
      .filter(hasStep)
      .map(stepOf)
      .sort((a, b) => a.step - b.step),
    epochs: [
      // one that was evaluated again counts as it was last
      ...new Map(
        of('epoch')
          .filter(hasStep)
          .map((line) => [line['epoch'], epochOf(line)]),
      ).values(),
    ],
    rewinds: of('rewind').filter(hasStep).map(rewindOf),
    phases: phasesOf(of('phases')),
    damaged,
  };
}

function hasStep(line: JsonLine): boolean {
  return Number.isInteger(line['step']);
}

function stepOf(line: JsonLine): StepLine {
  const of = (name: string) => numberIn(line, name);
  return {
    ...{ step: of('step'), atMs: of('atMs'), epoch: of('epoch') },
    ...{ loss: of('loss'), accuracy: of('accuracy') },
    ...{ learningRate: of('learningRate'), gradientNorm: of('gradientNorm') },
    ...{ imagesPerSecond: of('imagesPerSecond'), workers: of('workers') },
  };
}

function epochOf(line: JsonLine): EpochLine {
  const of = (name: string) => numberIn(line, name);
  return {
    ...{ step: of('step'), epoch: of('epoch'), trainMs: of('trainMs') },
    ...{ trainLoss: of('trainLoss'), trainAccuracy: of('trainAccuracy') },
    ...{ testLoss: of('testLoss'), testAccuracy: of('testAccuracy') },
  };
}

function rewindOf(line: JsonLine): RewindLine {
  const of = (name: string) => numberIn(line, name);
  return { step: of('step'), from: of('from'), atMs: of('atMs') };
}

function phasesOf(lines: readonly JsonLine[]): Map<string, WorkerPhases> {
  const sums = new Map<string, WorkerPhases>();
  for (const { workers } of lines) {
    if (typeof workers !== 'object' || workers === null) continue;
    for (const [worker, totals] of Object.entries(workers)) {
      sums.set(worker, addedUp(sums.get(worker), { ...(totals as object) }));
    }
  }
  return sums;
}

function addedUp(sum: WorkerPhases | undefined, line: JsonLine): WorkerPhases {
  const added = { ...(line['phasesMs'] as object | undefined) } as JsonLine;
  const entries = Object.keys(added).map((name) => {
    return [name, (sum?.phasesMs[name] ?? 0) + counted(added, name)] as const;
  });
  return {
    tasks: (sum?.tasks ?? 0) + counted(line, 'tasks'),
    examples: (sum?.examples ?? 0) + counted(line, 'examples'),
    phasesMs: Object.fromEntries(entries),
  };
}

function counted(line: JsonLine, name: string): number {
  return numberIn(line, name) || 0;
}
