/**
 * What makes a version of the parameter differences of a round of local
 * steps.
 */
import { createOptimizer } from '@muster/optimizer';
import type { Optimizer } from '@muster/optimizer';
import type { Consistency } from '@muster/protocol';

/**
 * The outer optimizer of mode `local`, its learning rate built in; nothing in
 * other modes. The "gradient" is the mean over the replicas of the parameters
 * before minus after:
 *
 * - `average`: `w -= difference`, the mean of the replicas;
 * - `nesterov`: `v = mu v + difference`, `w -= lr (difference + mu v)`
 *   (DiLoCo: Douillard et al. 2023, algorithm 1).
 */
export function outerOptimizerOf(
  consistency: Consistency,
): Optimizer | undefined {
  if (consistency.name !== 'local') return undefined;
  const { outer } = consistency;
  const learningRate = outer.name === 'average' ? 1 : outer.learningRate;
  const rule =
    outer.name === 'average'
      ? createOptimizer({ name: 'sgd' })
      : createOptimizer({ name: 'nesterov', momentum: outer.momentum });
  return {
    slots: rule.slots,
    createState: (length) => rule.createState(length),
    apply: (update) => rule.apply({ ...update, learningRate }),
  };
}
