/**
 * What a leaf's gradient is computed from beside the parameters: its examples
 * and its random numbers. Neither depends on what others do, so those of the
 * next task can be made while its parameters are on their way.
 */
import type { Schedule } from '@muster/cluster';
import type { Dataset, RandomStream, Split } from '@muster/data';

/** Examples of one split as a batch. */
export interface Batch {
  /** uint8 [count, rows, columns]. */
  readonly images: Uint8Array;
  readonly labels: Uint8Array;
  readonly count: number;
}

/** One leaf's input. */
export interface LeafInput {
  readonly batch: Batch;
  /** At its beginning. */
  readonly random: RandomStream;
}

/** See the head of this file. */
export class LeafInputs {
  readonly #schedule: Schedule;
  readonly #dataset: Dataset;
  /** By step and leaf; each is taken once. */
  #prepared = new Map<string, LeafInput>();
  /** The stream that was taken last: what it gave tells what the next needs. */
  #last: RandomStream | undefined;

  constructor(schedule: Schedule, dataset: Dataset) {
    this.#schedule = schedule;
    this.#dataset = dataset;
  }

  /** The input of a leaf, which is the caller's. */
  take(step: number, leaf: number): LeafInput {
    const key = `${step}/${leaf}`;
    const input = this.#prepared.get(key) ?? this.#make(step, leaf);
    this.#prepared.delete(key);
    this.#last = input.random;
    return input;
  }

  /**
   * Makes the input of a leaf that will probably be asked for: less than half
   * a millisecond for 64 digits. Nothing where the run has no such leaf.
   */
  prepare(step: number, leaf: number): void {
    const { totalSteps } = this.#schedule;
    if (step >= totalSteps) return;
    if (leaf >= this.#schedule.stepAt(step).numLeaves) return;
    const input = this.#make(step, leaf);
    input.random.drawAhead(this.#last?.numDrawn ?? 0);
    this.#prepared.set(`${step}/${leaf}`, input);
  }

  /** Gives up what was made and not asked for. */
  forget(): void {
    this.#prepared.clear();
  }

  #make(step: number, leaf: number): LeafInput {
    const { train, rows, columns } = this.#dataset;
    const examples = this.#schedule.examplesOf(step, leaf);
    return {
      batch: gather(train, examples, rows * columns),
      random: this.#schedule.streamOf(step, leaf),
    };
  }
}

/** Copies the examples with these indices into one batch. */
function gather(split: Split, indices: Uint32Array, size: number): Batch {
  const count = indices.length;
  const images = new Uint8Array(count * size);
  const labels = new Uint8Array(count);
  let i = 0;
  for (const index of indices) {
    images.set(
      split.images.subarray(index * size, (index + 1) * size),
      i * size,
    );
    labels[i] = split.labels[index] ?? 0;
    i++;
  }
  return { images, labels, count };
}
