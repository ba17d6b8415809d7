/** From the run definition's `optimizer` to the thing itself. */
import { adam } from './adam.js';
import { momentum } from './momentum.js';
import { nesterov } from './nesterov.js';
import {
  optimizerFrom,
  type Optimizer,
  type OptimizerConfig,
} from './optimizer.js';
import { sgd } from './sgd.js';

/**
 * Creates the optimizer of a run. It keeps nothing between calls: what lasts
 * is in the state arrays, which the caller owns and checkpoints.
 */
export function createOptimizer(config: OptimizerConfig): Optimizer {
  switch (config.name) {
    case 'adam':
      return optimizerFrom(adam(config));
    case 'sgd':
      return optimizerFrom(sgd());
    case 'momentum':
      return optimizerFrom(momentum(config.momentum));
    case 'nesterov':
      return optimizerFrom(nesterov(config.momentum));
  }
}
