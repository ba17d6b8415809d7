import { describe, expect, it } from 'vitest';
import { learningRateAt } from '@muster/optimizer';
import type { Consistency, RunDefinition } from '@muster/protocol';
import { LocalSteps } from './local-steps.js';
import type { LeafGradient } from './local-steps.js';
import { ParameterShard } from '../shard/parameter-shard.js';

/** 14 examples in leaves of 2: steps of 4, 4, 4 and 2 examples, 2 epochs. */
function runOf(
  consistency: Consistency,
  more: Partial<RunDefinition> = {},
): RunDefinition {
  const fingerprint = 'a'.repeat(64);
  const sizes = { rows: 1, columns: 1, channels: 1, numClasses: 2 };
  return {
    ...{ protocol: 1, runId: 'run', seed: 1, epochs: 2, consistency },
    wire: 'float32',
    ...{ globalBatchSize: 4, microBatches: 2 },
    optimizer: { name: 'sgd' },
    schedule: { name: 'constant', learningRate: 0.5 },
    dataset: { name: 'x', fingerprint, numTrain: 14, numTest: 1, ...sizes },
    model: {
      ...{ topology: {}, fingerprint, numParameters: 2 },
      layout: [{ name: 'w', shape: [2], offset: 0 }],
    },
    ...more,
  };
}

function local(steps: number): Consistency {
  return { name: 'local', steps, outer: { name: 'average' } };
}

/** One round of a replica from [0, 0], and what was asked for in it. */
function replica(
  run: RunDefinition,
  step: number,
  leaf: number,
  gradientOf: LeafGradient = ones,
) {
  const asked: { step: number; leaf: number; at: number[] }[] = [];
  const spy: LeafGradient = (s, l, parameters, into) => {
    asked.push({ step: s, leaf: l, at: [...parameters] });
    return gradientOf(s, l, parameters, into);
  };
  const start = new Float32Array(2);
  const into = new Float32Array(2).fill(NaN);
  const result = new LocalSteps(run).replica(step, leaf, start, into, spy);
  expect([...start]).toEqual([0, 0]);
  expect(result.slice).toBe(into);
  return { ...result, difference: [...result.slice], asked };
}

/** Two examples, each with gradient [1, -2]. */
function ones(step: number, leaf: number, _: Float32Array, into: Float32Array) {
  into.set([2, -4]);
  return { count: 2, lossSum: step + 1, correct: leaf };
}

describe('LocalSteps', () => {
  it('gives the parameters before minus those after', () => {
    // two steps of 0.5 * [1, -2] downhill: after [-1, 2]
    const round = replica(runOf(local(2)), 0, 1);
    expect(round.difference).toEqual([1, -2]);
    // 2 + 2 examples; losses 1 + 2; correct 1 + 1
    expect(round).toMatchObject({ count: 4, lossSum: 3, correct: 2 });
  });

  it('computes each step where the one before has led', () => {
    const round = replica(runOf(local(3)), 0, 0);
    expect(round.asked).toEqual([
      { step: 0, leaf: 0, at: [0, 0] },
      { step: 1, leaf: 0, at: [-0.5, 1] },
      { step: 2, leaf: 0, at: [-1, 2] },
    ]);
  });

  it('ends with the epoch', () => {
    // steps 0 to 3 and 4 to 7: rounds of 3 are [0, 1, 2], [3], [4, 5, 6]
    const stepsOf = (step: number) =>
      replica(runOf(local(3)), step, 0).asked.map((one) => one.step);
    expect([0, 3, 4].map(stepsOf)).toEqual([[0, 1, 2], [3], [4, 5, 6]]);
  });

  it('leaves out a step that is too short to have its leaf', () => {
    // step 3 has 2 examples: one leaf
    const run = runOf(local(4));
    expect(replica(run, 0, 0).asked.map(({ step }) => step)).toEqual([
      0, 1, 2, 3,
    ]);
    const second = replica(run, 0, 1);
    expect(second.asked.map(({ step }) => step)).toEqual([0, 1, 2]);
    expect(second.difference).toEqual([1.5, -3]);
    expect(second.count).toBe(6);
  });

  it('begins each round with a fresh optimizer', () => {
    // momentum 1/2, lr 1/2, g = 1: v = 1, then 3/2; moved by 1/2 + 3/4.
    // A velocity that stayed would make the next round 7/8 + 15/16.
    const run = runOf(local(2), {
      optimizer: { name: 'momentum', momentum: 0.5 },
    });
    const replicas = new LocalSteps(run);
    const moved = [0, 2].map((step) => {
      const into = new Float32Array(2);
      const start = new Float32Array(2);
      return [...replicas.replica(step, 0, start, into, ones).slice];
    });
    expect(moved).toEqual([
      [1.25, -2.5],
      [1.25, -2.5],
    ]);
  });

  it('counts the updates of Adam from 1 in each round', () => {
    // the first update of Adam moves by the rate, whatever the gradient: mHat
    // = g, vHat = g^2. At a later count its moments would be corrected less.
    const run = runOf(local(1), {
      optimizer: { name: 'adam', beta1: 0.9, beta2: 0.999, epsilon: 1e-9 },
      schedule: { name: 'constant', learningRate: 0.01 },
    });
    for (const step of [0, 5]) {
      const [a, b] = replica(run, step, 0).difference;
      expect(a).toBeCloseTo(0.01, 7);
      expect(b).toBeCloseTo(-0.01, 7);
    }
  });

  it("takes the run's rate at each global step", () => {
    const rising = { learningRate: 0.5, warmupRatio: 0.5 };
    const schedule = { name: 'cosine' as const, ...rising };
    const run = runOf(local(2), { schedule });
    // 8 steps, 4 of warm-up: rates 0.5 * 1/4 and 0.5 * 2/4, then of step 2, 3
    const rates = (steps: number[]) =>
      steps.reduce((sum, t) => sum + learningRateAt(schedule, t, 8), 0);
    expect(rates([0, 1])).toBe(0.375);
    expect(replica(run, 0, 0).difference[0]).toBe(0.375);
    expect(replica(run, 2, 0).difference[0]).toBe(rates([2, 3]));
  });
});

describe('one local step of plain descent, averaged', () => {
  /** Pulls each key to a target of its own; gradients of whole numbers. */
  const pull: LeafGradient = (step, leaf, parameters, into) => {
    for (let i = 0; i < into.length; i++) {
      const target = ((step * 5 + leaf * 3 + i) % 7) - 3;
      into[i] = 2 * ((parameters[i] ?? 0) - target);
    }
    return { count: 2, lossSum: 1, correct: 0 };
  };

  /** Trains the whole run in one process. */
  function train(run: RunDefinition): Float32Array {
    const parameters = Float32Array.of(1, -1);
    const range = { begin: 0, end: 2 };
    const shard = new ParameterShard(run, {
      ...{ version: 0, parameters, slots: {}, ...range },
    });
    const replicas = new LocalSteps(run);
    const { plan } = shard;
    while (shard.version < plan.totalVersions) {
      const step = plan.stepOf(shard.version);
      const start = shard.parameters.slice();
      for (let leaf = 0; leaf < plan.schedule.stepAt(step).numLeaves; leaf++) {
        const into = new Float32Array(2);
        const sum =
          run.consistency.name === 'local'
            ? replicas.replica(step, leaf, start, into, pull)
            : { slice: into, ...pull(step, leaf, start, into) };
        const place = {
          step,
          firstLeaf: leaf,
          numLeaves: 1,
          base: shard.version,
        };
        const decision = shard.push({ ...sum, ...place, ...range });
        expect(decision.outcome).toBe('accepted');
      }
    }
    return shard.parameters;
  }

  it('is a synchronous step', () => {
    // With N leaves of n examples each, a constant rate r and leaf sums s_i:
    //   local: w - mean(w - (w - r s_i / n)) = w - r sum(s_i) / (N n)
    //   sync:  w - r sum(s_i) / (N n)
    // Here the new w is (w + mean target) / 2: halves of small integers, one
    // bit more a step, so that in 8 steps nothing rounds on either side.
    const local1 = train(runOf(local(1)));
    const sync = train(runOf({ name: 'sync' }));
    expect(local1).toEqual(sync);
    expect([...sync]).not.toEqual([1, -1]);
  });

  it('is another thing with two local steps', () => {
    expect(train(runOf(local(2)))).not.toEqual(train(runOf({ name: 'sync' })));
  });
});
