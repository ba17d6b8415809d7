/**
 * What a worker computes with: the network, the data and the schedule of the
 * run it joined.
 */
import { performance } from 'node:perf_hooks';
import { setImmediate as yieldToEvents } from 'node:timers/promises';
import { LocalSteps, Plan, Schedule, TaskSum } from '@muster/cluster';
import type {
  EvaluationResult,
  GradientResult,
  LeafGradient,
} from '@muster/cluster';
import { imageAt, surestMistakes } from '@muster/data';
import type { Dataset, Split } from '@muster/data';
import { describeModel, Replica } from '@muster/model';
import {
  MAX_MISTAKES,
  MusterError,
  runDefinitionSchema,
} from '@muster/protocol';
import type {
  EvaluateTask,
  GradientTask,
  RunDefinition,
  WireFormat,
} from '@muster/protocol';

/** Examples of one split as a batch. */
interface Batch {
  /** uint8 [count, rows, columns]. */
  readonly images: Uint8Array;
  readonly labels: Uint8Array;
  readonly count: number;
}

/** A gradient before anything of it was encoded. */
export type TaskGradient = Omit<GradientResult, 'phases'> & {
  readonly phases: { readonly data: number; readonly compute: number };
};

/** Computes tasks of one run, one at a time. */
export class Trainer {
  readonly numParameters: number;
  /** Whether the run applies gradients as they arrive. */
  readonly isOnArrival: boolean;
  /** What the numbers of a pushed slice are. */
  readonly wire: WireFormat;
  /** Whether a version number says which parameters these are. */
  readonly #isVersioned: boolean;
  readonly #local: LocalSteps | undefined;
  readonly #schedule: Schedule;
  readonly #dataset: Dataset;
  readonly #replica: Replica;
  readonly #buffers: Float32Array[] = [];
  readonly #recycle = (buffer: Float32Array): void => {
    this.#buffers.push(buffer);
  };

  private constructor(run: RunDefinition, dataset: Dataset, replica: Replica) {
    this.numParameters = run.model.numParameters;
    this.isOnArrival = new Plan(run).isOnArrival;
    this.wire = run.wire;
    this.#isVersioned = run.consistency.name === 'sync';
    const isLocal = run.consistency.name === 'local';
    this.#local = isLocal ? new LocalSteps(run) : undefined;
    this.#schedule = new Schedule(run);
    this.#dataset = dataset;
    this.#replica = replica;
  }

  /**
   * Builds the run's network and has its data found.
   * @param definition the run definition as JSON bytes.
   * @param findData gives the data with the run's fingerprint, or throws.
   * @throws MusterError `ERR_MODEL_MISMATCH`, `ERR_MODEL_UNSUPPORTED`,
   *   `ERR_MALFORMED_MESSAGE`; what `findData` throws.
   */
  static async prepare(
    definition: Uint8Array,
    findData: (run: RunDefinition) => Promise<Dataset>,
  ): Promise<Trainer> {
    const run = parseDefinition(definition);
    const description = describeModel(run.model.topology);
    if (description.fingerprint !== run.model.fingerprint) {
      throw new MusterError(
        'ERR_MODEL_MISMATCH',
        `the network built here has fingerprint ${description.fingerprint.slice(0, 12)}, run ${run.runId} trains ${run.model.fingerprint.slice(0, 12)}: run the same Muster on both machines`,
      );
    }
    const dataset = await findData(run);
    return new Trainer(run, dataset, new Replica(description));
  }

  /**
   * The tree sum over a task's leaves. Yields to the event loop between two
   * leaves; gives nothing when the signal was aborted meanwhile.
   */
  async gradient(
    task: GradientTask,
    parameters: Float32Array,
    signal: AbortSignal,
  ): Promise<TaskGradient | undefined> {
    const sum = new TaskSum(task.numLeaves, this.wire, this.#recycle);
    const phases = { data: 0, compute: 0 };
    for (let i = 0; i < task.numLeaves; i++) {
      if (i > 0) await yieldToEvents();
      if (signal.aborted) return undefined;
      const leaf = task.firstLeaf + i;
      const into = this.#buffers.pop() ?? new Float32Array(this.numParameters);
      const gradientOf = this.#gradientOf(phases, task.base);
      sum.addLeaf(
        this.#local?.replica(task.step, leaf, parameters, into, gradientOf) ?? {
          slice: into,
          ...gradientOf(task.step, leaf, parameters, into),
        },
      );
    }
    const { slice, count, lossSum, correct } = sum.take();
    return { gradient: slice, count, lossSum, correct, phases };
  }

  /**
   * Exact counts over test examples `[begin, end)`, and the surest mistakes
   * of the same prediction.
   */
  evaluate(task: EvaluateTask, parameters: Float32Array): EvaluationResult {
    const { begin, end, version } = task;
    const { test, rows, columns } = this.#dataset;
    const size = rows * columns;
    const labels = test.labels.subarray(begin, end);
    const { probabilities, ...sums } = this.#replica.evaluate({
      parameters,
      version: this.#isVersioned ? version : undefined,
      images: test.images.subarray(begin * size, end * size),
      labels,
      count: end - begin,
    });
    const found = surestMistakes(probabilities, labels, MAX_MISTAKES);
    const mistakes = found.map((mistake) => {
      const index = begin + mistake.index;
      return { ...mistake, index, image: imageAt(test, index) };
    });
    return { ...sums, mistakes };
  }

  /**
   * Probabilities by class of one image, uint8 [rows * columns]; nothing where
   * the parameters have diverged.
   * @throws MusterError `ERR_SHAPE_MISMATCH`.
   */
  classify(image: Uint8Array, parameters: Float32Array): number[] | undefined {
    const input = { parameters, images: image, count: 1 };
    const probabilities = [...this.#replica.predict(input)];
    return probabilities.every(Number.isFinite) ? probabilities : undefined;
  }

  /** Gives the network's tensors back. */
  dispose(): void {
    this.#replica.dispose();
  }

  /** One leaf's gradient; adds up what it took. */
  #gradientOf(
    phases: { data: number; compute: number },
    version: number,
  ): LeafGradient {
    return (step, leaf, parameters, into) => {
      const start = performance.now();
      const batch = this.#leafBatch(step, leaf);
      const random = this.#schedule.streamOf(step, leaf);
      const prepared = performance.now();
      const sums = this.#replica.gradient({
        ...{ ...batch, parameters, random, into },
        version: this.#isVersioned ? version : undefined,
      });
      phases.data += prepared - start;
      phases.compute += performance.now() - prepared;
      return sums;
    };
  }

  #leafBatch(step: number, leaf: number): Batch {
    const examples = this.#schedule.examplesOf(step, leaf);
    const { train, rows, columns } = this.#dataset;
    return gather(train, examples, rows * columns);
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

function parseDefinition(bytes: Uint8Array): RunDefinition {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder().decode(bytes));
  } catch (cause) {
    const message = `the server's run definition is not JSON`;
    throw new MusterError('ERR_MALFORMED_MESSAGE', message, { cause });
  }
  const parsed = runDefinitionSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new MusterError(
    'ERR_MALFORMED_MESSAGE',
    `the server's run definition is not usable: ${parsed.error.message}`,
  );
}
