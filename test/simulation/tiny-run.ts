/**
 * Runs small enough to simulate: 56 parameters, gradients that are a hash of
 * (parameters, step, leaf), so that every lost, doubled or reordered
 * contribution shows in the final bits.
 */
import { LocalSteps, Plan, TaskSum } from '@muster/cluster';
import type { EvaluationResult, GradientResult } from '@muster/cluster';
import type { TestMistake } from '@muster/data';
import { PROTOCOL_VERSION } from '@muster/protocol';
import type {
  Consistency,
  EvaluateTask,
  GradientTask,
  RunDefinition,
  WireFormat,
} from '@muster/protocol';

/** Parameters of the tiny network: four blocks, so up to four servers. */
export const NUM_PARAMETERS = 56;

/** What a tiny run may have of its own. */
export interface TinyRunOptions {
  readonly consistency?: Consistency;
  readonly wire?: WireFormat;
  readonly epochs?: number;
  readonly optimizer?: RunDefinition['optimizer'];
}

const ADAM = { name: 'adam', beta1: 0.9, beta2: 0.999, epsilon: 1e-7 } as const;

/** Epochs of 4 steps, 5 leaves of 4 examples each; the last step has 3. */
export function tinyRun(options: TinyRunOptions = {}): RunDefinition {
  return {
    protocol: PROTOCOL_VERSION,
    runId: 'tiny',
    seed: 7,
    epochs: options.epochs ?? 3,
    globalBatchSize: 20,
    microBatches: 5,
    consistency: options.consistency ?? { name: 'sync' },
    wire: options.wire ?? 'float32',
    optimizer: options.optimizer ?? ADAM,
    schedule: { name: 'cosine', learningRate: 0.01, warmupRatio: 0.1 },
    dataset: {
      name: 'tiny',
      fingerprint: 'a'.repeat(64),
      numTrain: 71,
      numTest: 1200,
      rows: 1,
      columns: 1,
      channels: 1,
      numClasses: 2,
    },
    model: {
      topology: {},
      layout: [{ name: 'w', shape: [NUM_PARAMETERS], offset: 0 }],
      fingerprint: 'b'.repeat(64),
      numParameters: NUM_PARAMETERS,
    },
  };
}

/** The parameters of version 0. */
export function firstParameters(): Float32Array {
  return Float32Array.from({ length: NUM_PARAMETERS }, (_, i) =>
    Math.fround(0.1 * (i + 1)),
  );
}

/** What a worker computes; holds the plan of its run. */
export class TinyTrainer {
  readonly plan: Plan;
  /** What the numbers of a pushed slice are. */
  readonly wire: WireFormat;
  readonly #local: LocalSteps | undefined;

  constructor(run: RunDefinition) {
    this.plan = new Plan(run);
    this.wire = run.wire;
    const isLocal = run.consistency.name === 'local';
    this.#local = isLocal ? new LocalSteps(run) : undefined;
  }

  /** The tree sum over a task's leaves. */
  gradient(task: GradientTask, parameters: Float32Array): GradientResult {
    const { step, firstLeaf, numLeaves } = task;
    const sum = new TaskSum(numLeaves, this.wire);
    for (let leaf = firstLeaf; leaf < firstLeaf + numLeaves; leaf++) {
      sum.addLeaf(this.leaf(step, leaf, parameters));
    }
    const { slice, ...sums } = sum.take();
    const phases = { data: 0, compute: 0, encode: 0, push: 0 };
    return { gradient: slice, ...sums, phases };
  }

  /** One leaf, or one replica's round; not rounded to the run's format. */
  leaf(step: number, leaf: number, parameters: Float32Array) {
    const into = new Float32Array(NUM_PARAMETERS);
    const gradientOf = (
      s: number,
      l: number,
      from: Float32Array,
      to: Float32Array,
    ) => this.#gradientOf(s, l, from, to);
    if (this.#local) {
      return this.#local.replica(step, leaf, parameters, into, gradientOf);
    }
    return { slice: into, ...gradientOf(step, leaf, parameters, into) };
  }

  #gradientOf(
    step: number,
    leaf: number,
    parameters: Float32Array,
    into: Float32Array,
  ) {
    let hash = Math.imul(step * 31 + leaf * 7 + 1, 0x9e3779b1);
    for (let i = 0; i < into.length; i++) {
      hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d) + i;
      const value = parameters[i] as number;
      into[i] = ((hash >>> 8) / 2 ** 24 - 0.5) * (1 + value);
    }
    const count = this.plan.schedule.countOf(step, leaf, 1);
    const lossSum = Math.abs(into[3] as number) * count;
    return { count, lossSum, correct: (hash >>> 16) % (count + 1) };
  }
}

/**
 * Counts and mistakes that depend on every bit of the parameters and on the
 * range.
 */
export function evaluateTiny(
  { begin, end }: Pick<EvaluateTask, 'begin' | 'end'>,
  parameters: Float32Array,
): EvaluationResult {
  const hash = hashOf(parameters, begin);
  const count = end - begin;
  const correct = hash % (count + 1);
  const mistakes = tinyMistakes(hash, { begin, end });
  return { count, correct, lossSum: count * (hash / 2 ** 32), mistakes };
}

/** Up to three, some of them equally sure; an image is one pixel. */
function tinyMistakes(
  hash: number,
  { begin, end }: Pick<EvaluateTask, 'begin' | 'end'>,
): TestMistake[] {
  return Array.from({ length: hash % 4 }, (_, i) => {
    const bits = hash >>> (4 * i + 2);
    const label = bits % 2;
    const answer = 1 - label;
    const sureness = 0.5 + (bits % 8) / 16;
    const probabilities = [1 - sureness, 1 - sureness];
    probabilities[answer] = sureness;
    // a chunk has 200 examples or more: these are three different ones
    const index = begin + ((hash + i * 37) % (end - begin));
    const image = Uint8Array.of(bits);
    return { index, label, answer, probabilities, image };
  });
}

/** A hash of all bits. */
export function hashOf(vector: Float32Array, seed = 0): number {
  const words = new Uint32Array(
    vector.buffer,
    vector.byteOffset,
    vector.length,
  );
  let hash = 0x811c9dc5 ^ seed;
  for (const word of words) {
    hash = Math.imul(hash ^ word, 0x01000193);
    hash ^= hash >>> 15;
  }
  return hash >>> 0;
}
