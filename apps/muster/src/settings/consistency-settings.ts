/**
 * The settings that say when a gradient is applied.
 */
import { BEGINNING } from './setting.js';
import type { Setting } from './setting.js';
import {
  oneOf,
  positiveNumber,
  shareBelowOne,
  wholeNumber,
} from './value-kinds.js';

/** Part of the table of settings. */
export const CONSISTENCY_SETTINGS = {
  consistency: {
    kind: oneOf('sync', 'bounded', 'async', 'local'),
    placeholder: 'MODE',
    fallback: 'sync',
    help: 'When a gradient is applied: with its whole step, on arrival within a bound, on arrival, or after local steps.',
    group: 'Training',
    commands: BEGINNING,
  },
  staleness: {
    kind: wholeNumber(0, 10_000),
    placeholder: 'VERSIONS',
    fallback: '4',
    help: 'Most versions between the oldest parameters that are still worked with and the newest.',
    group: 'Training',
    commands: BEGINNING,
    usedWith: ['consistency', 'bounded'],
  },
  maxStaleness: {
    kind: wholeNumber(0, 1_000_000),
    placeholder: 'VERSIONS',
    fallback: '100',
    help: 'Versions behind the newest beyond which a gradient is refused and computed again.',
    group: 'Training',
    commands: BEGINNING,
    usedWith: ['consistency', 'async'],
  },
  stalenessScaling: {
    kind: oneOf('auto', 'none', 'inverse'),
    placeholder: 'NAME',
    fallback: 'auto',
    help: 'What a stale gradient counts: as much as a fresh one (auto in bounded), or less the staler it is (auto in async).',
    group: 'Training',
    commands: BEGINNING,
    usedWith: ['consistency', 'bounded', 'async'],
  },
  localSteps: {
    kind: wholeNumber(1, 10_000),
    placeholder: 'N',
    fallback: '8',
    help: 'Steps that a replica makes by itself before the replicas are put together.',
    group: 'Training',
    commands: BEGINNING,
    usedWith: ['consistency', 'local'],
  },
  outerOptimizer: {
    kind: oneOf('average', 'nesterov'),
    placeholder: 'NAME',
    fallback: 'nesterov',
    help: 'Rule that puts the replicas together: their mean, or Nesterov momentum towards it.',
    group: 'Training',
    commands: BEGINNING,
    usedWith: ['consistency', 'local'],
  },
  outerLearningRate: {
    kind: positiveNumber,
    placeholder: 'RATE',
    fallback: '1',
    help: 'Learning rate of the outer optimizer.',
    group: 'Training',
    commands: BEGINNING,
    usedWith: ['outerOptimizer', 'nesterov'],
  },
  outerMomentum: {
    kind: shareBelowOne,
    placeholder: 'SHARE',
    fallback: '0.5',
    help: 'Share of the last outer update that goes into the next.',
    group: 'Training',
    commands: BEGINNING,
    usedWith: ['outerOptimizer', 'nesterov'],
  },
} as const satisfies Record<string, Setting>;
