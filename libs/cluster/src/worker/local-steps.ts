/**
 * What a virtual replica does in one round of mode `local`: H steps of the
 * run's own optimizer on its own examples, from the parameters of the round's
 * version. The replica is a leaf position and belongs to the run: whoever
 * computes it, its optimizer begins fresh and its examples are the same.
 */
import { createOptimizer } from '@muster/optimizer';
import type { Contribution } from '@muster/optimizer';
import type { RunDefinition } from '@muster/protocol';
import { Plan } from '../plan/plan.js';

/** Sums over the examples of one leaf of one step. */
export interface LeafSums {
  /** Examples of the leaf. */
  readonly count: number;
  /** Sum of their losses, float64. */
  readonly lossSum: number;
  /** How many of them were classified correctly. */
  readonly correct: number;
}

/**
 * Computes one leaf's gradient sum at some parameters into `into`.
 * @param parameters float32 `[numParameters]`, only read; changed after it.
 * @param into float32 `[numParameters]`, overwritten.
 */
export type LeafGradient = (
  step: number,
  leaf: number,
  parameters: Float32Array,
  into: Float32Array,
) => LeafSums;

/** Runs replicas; holds the buffers that they need. */
export class LocalSteps {
  readonly #run: RunDefinition;
  readonly #plan: Plan;

  constructor(run: RunDefinition) {
    this.#run = run;
    this.#plan = new Plan(run);
  }

  /**
   * One replica's round: the parameters before minus those after it, and the
   * sums over all of its examples.
   * @param step the round's first global step.
   * @param start float32 `[numParameters]`, only read.
   * @param into float32 `[numParameters]`, owned by the result from then on.
   */
  replica(
    step: number,
    leaf: number,
    start: Float32Array,
    into: Float32Array,
    gradientOf: LeafGradient,
  ): Contribution {
    const optimizer = createOptimizer(this.#run.optimizer);
    const parameters = start.slice();
    const state = optimizer.createState(parameters.length);
    const totals = { count: 0, lossSum: 0, correct: 0 };
    const { first, end } = this.#plan.stepsFrom(step);
    let updates = 0;
    for (let s = first; s < end; s++) {
      if (leaf >= this.#plan.schedule.stepAt(s).numLeaves) continue;
      const { count, lossSum, correct } = gradientOf(s, leaf, parameters, into);
      totals.count += count;
      totals.lossSum += lossSum;
      totals.correct += correct;
      optimizer.apply({
        ...{ parameters, gradientSum: into, count, state },
        step: ++updates,
        learningRate: this.#plan.learningRateAt(s),
      });
    }
    for (let i = 0; i < into.length; i++) {
      into[i] = (start[i] as number) - (parameters[i] as number);
    }
    return { slice: into, ...totals };
  }
}
