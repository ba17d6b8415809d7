/**
 * The law of a run whose slices are rounded: every node of the sum tree is,
 * on whichever side it is added, so the parameters are the same bits however
 * the leaves are cut into tasks and the keys among servers.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createOptimizer } from '@muster/optimizer';
import type { Contribution } from '@muster/optimizer';
import { shardRanges } from '@muster/protocol';
import type { RunDefinition, WireFormat } from '@muster/protocol';
import { ParameterShard } from './parameter-shard.js';
import { decodeSlice, encodeSlice } from '../formats/slice-format.js';
import { TaskSum } from '../worker/task-sum.js';
import { nearestBfloat16 } from '../testing-bfloat16.js';
import { runOf } from '../testing.js';

/** Enough for three servers. */
const NUM_PARAMETERS = 48;
const NUM_STEPS = 3;

/** Steps of so many leaves, of one example each. */
function runWith(
  numLeaves: number,
  wire: WireFormat,
  name: 'sync' | 'local' = 'sync',
): RunDefinition {
  const outer = { name: 'nesterov', learningRate: 0.7, momentum: 0.9 } as const;
  const local = { name, steps: 1, outer } as const;
  const run = runOf(name === 'local' ? local : { name: 'sync' }, wire);
  const numTrain = NUM_STEPS * numLeaves;
  return {
    ...{ ...run, epochs: 1, globalBatchSize: numLeaves },
    microBatches: numLeaves,
    optimizer: { name: 'adam', beta1: 0.9, beta2: 0.999, epsilon: 1e-7 },
    dataset: { ...run.dataset, numTrain },
    model: { ...run.model, numParameters: NUM_PARAMETERS },
  };
}

/** A leaf's gradient: every bit of the parameters counts, sums round. */
function leafOf(
  step: number,
  leaf: number,
  parameters: Float32Array,
): Contribution {
  let hash = Math.imul(step * 31 + leaf + 1, 0x9e3779b1);
  const slice = parameters.map((value) => {
    hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d) + 1;
    return (hash / 2 ** 31) * (1 + value);
  });
  return { slice, count: 1, lossSum: 1, correct: 0 };
}

interface Run {
  readonly first: number;
  readonly length: number;
}

/** Cuts the node of `length` at `first` into nodes; `cut` decides at each. */
function partition(
  n: number,
  { first, length }: Run,
  cut: () => boolean,
): Run[] {
  if (first >= n) return [];
  const half = length / 2;
  if (length === 1 || !cut())
    return [{ first, length: Math.min(length, n - first) }];
  return [first, first + half].flatMap((at) =>
    partition(n, { first: at, length: half }, cut),
  );
}

function shardsOf(run: RunDefinition, numServers: number): ParameterShard[] {
  const parameters = leafOf(99, 0, new Float32Array(NUM_PARAMETERS)).slice;
  return shardRanges(NUM_PARAMETERS, numServers).map(
    ({ begin, end }) =>
      new ParameterShard(run, {
        ...{ version: 0, begin, end, slots: {} },
        parameters: parameters.slice(begin, end),
      }),
  );
}

function joined(shards: readonly ParameterShard[]): Float32Array {
  return Float32Array.from(shards.flatMap((shard) => [...shard.parameters]));
}

/** What a worker pushes of a task to a server, as it arrives there. */
function pushed(
  run: RunDefinition,
  step: number,
  { first, length }: Run,
  parameters: Float32Array,
) {
  const sum = new TaskSum(length, run.wire);
  for (let leaf = first; leaf < first + length; leaf++) {
    sum.addLeaf(leafOf(step, leaf, parameters));
  }
  const { slice, ...sums } = sum.take();
  return ({ begin, end }: ParameterShard) => {
    const payload = encodeSlice(slice.subarray(begin, end), run.wire);
    return {
      ...{ ...sums, step, firstLeaf: first, numLeaves: length, begin, end },
      ...{ base: step, slice: decodeSlice(payload, end - begin, run.wire) },
    };
  };
}

/** Trains; `cut` says how leaves are cut, `draw` in which order they come. */
function train(
  run: RunDefinition,
  numServers: number,
  cut: () => boolean,
  draw: () => number,
): Float32Array {
  const shards = shardsOf(run, numServers);
  const width = 2 ** Math.ceil(Math.log2(run.microBatches));
  for (let step = 0; step < NUM_STEPS; step++) {
    const parameters = joined(shards);
    const whole = { first: 0, length: width };
    const pushes = partition(run.microBatches, whole, cut).map((task) =>
      pushed(run, step, task, parameters),
    );
    for (const shard of shards) {
      const inOrder = pushes.map((push) => ({ push, key: draw() }));
      inOrder.sort((a, b) => a.key - b.key);
      for (const { push } of inOrder) {
        expect(shard.push(push(shard)).outcome).toBe('accepted');
      }
      expect(shard.version).toBe(step + 1);
    }
  }
  return joined(shards);
}

/** Node `index` of `level` by the design: each is rounded. */
function nodeOf(
  leaves: readonly Float32Array[],
  level: number,
  index: number,
): Float32Array | undefined {
  if (level === 0) return leaves[index]?.map(nearestBfloat16);
  const [left, right] = [0, 1].map((side) =>
    nodeOf(leaves, level - 1, 2 * index + side),
  );
  if (left === undefined || right === undefined) return left;
  return left.map((value, i) =>
    nearestBfloat16(Math.fround(value + right[i]!)),
  );
}

/** The parameters by the design, of mode `sync`. */
function defined(run: RunDefinition): Float32Array {
  const [shard] = shardsOf(run, 1);
  const parameters = shard!.parameters.slice();
  const optimizer = createOptimizer(run.optimizer);
  const state = optimizer.createState(NUM_PARAMETERS);
  for (let step = 0; step < NUM_STEPS; step++) {
    const leaves = Array.from(
      { length: run.microBatches },
      (_, leaf) => leafOf(step, leaf, parameters).slice,
    );
    optimizer.apply({
      ...{ parameters, state, step: step + 1, count: run.microBatches },
      gradientSum: nodeOf(leaves, 5, 0)!,
      learningRate: shard!.plan.learningRateAt(step),
    });
  }
  return parameters;
}

const never = () => false;
const always = () => true;
const inTurn = () => 0;

describe('the parameters of a run in bf16', () => {
  const numLeaves = fc.integer({ min: 1, max: 11 });
  const numServers = fc.integer({ min: 1, max: 3 });
  const choices = fc.infiniteStream(fc.nat(1000));

  it.each(['sync', 'local'] as const)(
    'are the same bits for any tasks, order and servers: mode %s',
    (name) => {
      fc.assert(
        fc.property(
          numLeaves,
          numServers,
          choices,
          (leaves, servers, stream) => {
            const draw = () => stream.next().value as number;
            const cut = () => draw() % 3 > 0;
            const run = runWith(leaves, 'bf16', name);
            const alone = train(run, 1, never, inTurn);
            expect(train(run, servers, cut, draw)).toEqual(alone);
          },
        ),
        { numRuns: 60 },
      );
    },
  );

  it('are those of a tree whose every node is rounded', () => {
    for (let leaves = 1; leaves <= 11; leaves++) {
      const run = runWith(leaves, 'bf16');
      expect(train(run, 1, never, inTurn)).toEqual(defined(run));
      expect(train(run, 2, always, inTurn)).toEqual(defined(run));
    }
  });

  it('are not those of a run in float32, also of one leaf a step', () => {
    for (const leaves of [1, 4]) {
      const exact = train(runWith(leaves, 'float32'), 1, never, inTurn);
      expect(defined(runWith(leaves, 'bf16'))).not.toEqual(exact);
    }
  });
});

describe('a sum that overflows in bf16', () => {
  it('is refused as what it has become', () => {
    const run = runWith(1, 'bf16');
    const [shard] = shardsOf(run, 1);
    const sum = new TaskSum(1, 'bf16');
    // finite in float32, beyond the greatest bfloat16
    const slice = new Float32Array(NUM_PARAMETERS).fill(3.4e38);
    sum.addLeaf({ slice, count: 1, lossSum: 1, correct: 0 });
    const place = { step: 0, firstLeaf: 0, numLeaves: 1, base: 0 };
    const keys = { begin: 0, end: NUM_PARAMETERS };
    expect(shard!.push({ ...sum.take(), ...place, ...keys })).toMatchObject({
      outcome: 'refused',
      code: 'ERR_NON_FINITE_GRADIENT',
    });
  });
});
