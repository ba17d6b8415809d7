/**
 * A run for TensorBoard, while it goes on: the figures of `metrics.jsonl` as
 * scalars, the parameters of each layer as histograms and the first layer's
 * filters as a picture at each epoch's end.
 *
 * The coordinator writes into `tensorboard/` of the run's folder, every other
 * server into a folder of its own below, since TensorBoard reads one file of a
 * folder after the other.
 */
import { join } from 'node:path';
import { setImmediate as yieldToEvents } from 'node:timers/promises';
import type { RunDefinition } from '@muster/protocol';
import { EventFile, histogramOf } from '@muster/telemetry';
import type { EventValue } from '@muster/telemetry';
import type { ShardFiles, Snapshot } from '../run-state.js';
import { filtersOf } from './first-filters.js';
import type { MetricsLine, LineFile } from './metrics-file.js';
import type { RewindPoint } from './rewound-lines.js';

/** Tags by the names that the figures have in a step's line. */
const STEP_TAGS: Readonly<Record<string, string>> = {
  loss: 'train/loss',
  accuracy: 'train/accuracy',
  learningRate: 'train/learning_rate',
  gradientNorm: 'train/gradient_norm',
  imagesPerSecond: 'speed/images_per_second',
  workers: 'speed/workers',
};
/** The same of an epoch's line. */
const EPOCH_TAGS: Readonly<Record<string, string>> = {
  trainLoss: 'epoch/train_loss',
  trainAccuracy: 'epoch/train_accuracy',
  testLoss: 'epoch/test_loss',
  testAccuracy: 'epoch/test_accuracy',
};
/** Snapshots that may wait for their histograms; further ones have none. */
const MAX_WAITING = 2;

/** See the head of this file. */
export class TensorBoard implements LineFile {
  readonly #run: RunDefinition;
  readonly #begin: number;
  readonly #file: EventFile;
  /** Each rewind counts; histograms from before it are dropped. */
  #numRewinds = 0;
  #numWaiting = 0;
  #lastVersion = -1;
  #queue: Promise<void> = Promise.resolve();

  /** @param onFailed hears once why events are being lost. */
  constructor(
    files: Pick<ShardFiles, 'folder' | 'run' | 'shard' | 'begin'>,
    onFailed: (reason: string) => void,
  ) {
    const { folder, run, shard, begin } = files;
    this.#run = run;
    this.#begin = begin;
    const own = shard === 0 ? [] : [`server-${shard}`];
    this.#file = new EventFile(join(folder, 'tensorboard', ...own), onFailed);
  }

  /** What comes after a version is done (again). */
  rewind({ version, atMs }: Omit<RewindPoint, 'numEpochs'>): undefined {
    this.#numRewinds += 1;
    this.#lastVersion = version;
    this.#file.restart({ step: version + 1, atMs });
  }

  /** Adds the scalars of a line. */
  append(line: MetricsLine): void {
    const { step, type, atMs } = line;
    const tags = type === undefined ? STEP_TAGS : EPOCH_TAGS;
    if (type !== undefined && type !== 'epoch') return;
    const values = Object.entries(tags).flatMap(([name, tag]): EventValue[] => {
      const scalar = line[name];
      return typeof scalar === 'number' ? [{ tag, scalar }] : [];
    });
    this.#file.add({ step, atMs: typeof atMs === 'number' ? atMs : 0 }, values);
    if (type === 'epoch') this.#file.flush();
  }

  /**
   * Hears of a copy of the parameters, which is not changed any more; that of
   * an epoch's end is looked at, in pieces between other work. What was before
   * a checkpoint is not done again: its events must not be lost.
   */
  snapshot({ reason, version, parameters }: Snapshot): void {
    this.#file.flush();
    if (reason !== 'epoch' || this.#numWaiting >= MAX_WAITING) return;
    const place = { step: version, atMs: Date.now() };
    // who does not coordinate hears of no rewind, but of a version again
    if (version <= this.#lastVersion) {
      this.rewind({ version: version - 1, atMs: place.atMs });
    }
    this.#lastVersion = version;
    const asOf = this.#numRewinds;
    this.#numWaiting += 1;
    this.#queue = this.#queue
      .then(() => this.#valuesOf(parameters))
      .then((values) => {
        this.#numWaiting -= 1;
        if (asOf !== this.#numRewinds) return;
        this.#file.add(place, values);
        this.#file.flush();
      });
  }

  /** Writes what is left. */
  async close(): Promise<void> {
    await this.#queue;
    await this.#file.close();
  }

  async #valuesOf(parameters: Float32Array): Promise<EventValue[]> {
    const values: EventValue[] = [];
    const slice = { begin: this.#begin, parameters };
    for (const { tag, part } of partsOf(this.#run, slice)) {
      const histogram = await histogramOf(part, () => yieldToEvents());
      values.push({ tag: `parameters/${tag}`, histogram });
    }
    const image = filtersOf(this.#run, slice);
    if (image !== undefined) values.push({ tag: 'filters', image });
    return values;
  }
}

/** A server's part of the flat vector. */
export interface Slice {
  /** Its first element's place in the whole vector. */
  readonly begin: number;
  readonly parameters: Float32Array;
}

/** The tensors in a slice; of a tensor that was cut, the part that is there. */
export function partsOf(
  { model }: Pick<RunDefinition, 'model'>,
  { begin, parameters }: Slice,
): { tag: string; part: Float32Array }[] {
  const end = begin + parameters.length;
  return model.layout.flatMap(({ name, shape, offset }) => {
    const length = shape.reduce((product, size) => product * size, 1);
    const from = Math.max(begin, offset);
    const to = Math.min(end, offset + length);
    if (from >= to) return [];
    const part = parameters.subarray(from - begin, to - begin);
    const isWhole = part.length === length;
    const place = `[${from - offset},${to - offset})`;
    return [{ tag: isWhole ? name : `${name}${place}`, part }];
  });
}
