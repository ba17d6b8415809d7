/**
 * What one process would do in order: the truth that every cluster has to
 * come to.
 */
import { EVALUATION_CHUNK, ParameterShard } from '@muster/cluster';
import type { OrderEntry } from '@muster/cluster';
import { surestOf } from '@muster/data';
import type { TestMistake } from '@muster/data';
import { javascriptKernels } from '@muster/optimizer';
import { MAX_MISTAKES } from '@muster/protocol';
import type { RunDefinition } from '@muster/protocol';
import {
  evaluateTiny,
  firstParameters,
  NUM_PARAMETERS,
  TinyTrainer,
} from './tiny-run.js';

/** Integer counts over the test set, and the surest mistakes. */
export interface TestCounts {
  readonly correct: number;
  readonly count: number;
  readonly mistakes: readonly TestMistake[];
}

/** All versions of a run, whole vectors, from version 0. */
export interface Reference {
  readonly versions: readonly Float32Array[];
}

const known = new Map<string, Reference>();

/** The versions of modes whose result does not depend on the cluster. */
export function referenceOf(run: RunDefinition): Reference {
  const key = JSON.stringify(run);
  const before = known.get(key);
  if (before) return before;
  const trainer = new TinyTrainer(run);
  const { plan } = trainer;
  const shard = shardOf(run, { begin: 0, end: NUM_PARAMETERS });
  const versions = [shard.parameters.slice()];
  while (shard.version < plan.totalVersions) {
    const step = plan.stepOf(shard.version);
    const parameters = shard.parameters.slice();
    const base = shard.version;
    const { numLeaves } = plan.schedule.stepAt(step);
    for (let leaf = 0; leaf < numLeaves; leaf++) {
      const place = { step, firstLeaf: leaf, numLeaves: 1, base };
      const keys = { begin: 0, end: NUM_PARAMETERS };
      shard.push({
        ...roundedLeaf(trainer, step, leaf, parameters),
        ...place,
        ...keys,
      });
    }
    versions.push(shard.parameters.slice());
  }
  const reference = { versions };
  known.set(key, reference);
  return reference;
}

/** The evaluation of parameters over the whole test set. */
export function testCountsOf(
  run: RunDefinition,
  parameters: Float32Array,
): TestCounts {
  const { numTest } = run.dataset;
  let correct = 0;
  const all: TestMistake[] = [];
  for (let begin = 0; begin < numTest; begin += EVALUATION_CHUNK) {
    const end = Math.min(begin + EVALUATION_CHUNK, numTest);
    const chunk = evaluateTiny({ begin, end }, parameters);
    correct += chunk.correct;
    all.push(...chunk.mistakes);
  }
  const mistakes = surestOf(all, MAX_MISTAKES);
  return { correct, count: numTest, mistakes };
}

/**
 * Applies what the servers say they applied, in their orders, to what it was
 * computed from; gives each version that all of them have.
 * @throws Error when the orders can't have been.
 */
export function replayOf(
  run: RunDefinition,
  ranges: readonly { readonly begin: number; readonly end: number }[],
  orders: readonly (readonly OrderEntry[])[],
): Reference {
  const trainer = new TinyTrainer(run);
  const shards = ranges.map((range) => shardOf(run, range));
  const slices = shards.map(({ parameters }) => [parameters.slice()]);
  const gradients = new Map<string, ReturnType<TinyTrainer['leaf']>>();
  for (let isMoving = true; isMoving; ) {
    isMoving = false;
    shards.forEach((shard, k) => {
      const entry = orders[k]?.[shard.version];
      const kept = slices[k];
      if (entry === undefined || kept === undefined) return;
      const { step, leaf, bases } = entry;
      const from = bases.map((base, j) => slices[j]?.[base]);
      if (from.some((slice) => slice === undefined)) return;
      const key = JSON.stringify(entry);
      const gradient =
        gradients.get(key) ??
        roundedLeaf(
          trainer,
          step,
          leaf,
          joined(ranges, from as Float32Array[]),
        );
      gradients.set(key, gradient);
      const { begin, end } = shard;
      const slice = gradient.slice.slice(begin, end);
      const place = { step, firstLeaf: leaf, numLeaves: 1, begin, end };
      const base = bases[k] ?? -1;
      const decision = shard.push({ ...gradient, slice, ...place, base });
      if (decision.outcome !== 'accepted') {
        throw new Error(`replay: ${key} on server ${k} is ${decision.outcome}`);
      }
      kept.push(shard.parameters.slice());
      isMoving = true;
    });
  }
  const length = Math.min(...slices.map((kept) => kept.length));
  const versions = Array.from({ length }, (_, version) =>
    joined(
      ranges,
      slices.map((kept) => kept[version] as Float32Array),
    ),
  );
  return { versions };
}

/** A leaf as it is pushed alone: in `bf16` each number is the nearest one. */
function roundedLeaf(
  trainer: TinyTrainer,
  step: number,
  leaf: number,
  parameters: Float32Array,
): ReturnType<TinyTrainer['leaf']> {
  const result = trainer.leaf(step, leaf, parameters);
  if (trainer.wire === 'bf16') javascriptKernels.roundToBfloat16(result.slice);
  return result;
}

function shardOf(
  run: RunDefinition,
  { begin, end }: { readonly begin: number; readonly end: number },
): ParameterShard {
  const parameters = firstParameters().slice(begin, end);
  return new ParameterShard(run, {
    ...{ version: 0, begin, end },
    parameters,
    slots: {},
  });
}

function joined(
  ranges: readonly { readonly begin: number }[],
  slices: readonly Float32Array[],
): Float32Array {
  const whole = new Float32Array(NUM_PARAMETERS);
  slices.forEach((slice, k) => whole.set(slice, ranges[k]?.begin ?? 0));
  return whole;
}
