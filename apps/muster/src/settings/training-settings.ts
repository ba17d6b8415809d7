/**
 * The settings that say what is computed.
 */
import { RUNNING } from './setting.js';
import type { Setting } from './setting.js';
import {
  oneOf,
  positiveNumber,
  shareBelowOne,
  wholeNumber,
} from './value-kinds.js';

/** Part of the table of settings. */
export const TRAINING_SETTINGS = {
  epochs: {
    kind: wholeNumber(1, 1_000_000),
    placeholder: 'N',
    fallback: '5',
    help: 'Passes over the training set.',
    group: 'Training',
    commands: RUNNING,
  },
  globalBatch: {
    kind: wholeNumber(1, 1_048_576),
    placeholder: 'EXAMPLES',
    fallback: '256',
    help: 'Examples in one step, over all workers.',
    group: 'Training',
    commands: RUNNING,
  },
  microBatches: {
    kind: wholeNumber(1, 4096),
    placeholder: 'N',
    fallback: '4',
    help: 'Pieces a step is cut into, which is the most workers that can share it.',
    group: 'Training',
    commands: RUNNING,
  },
  optimizer: {
    kind: oneOf('adam', 'sgd', 'momentum'),
    placeholder: 'NAME',
    fallback: 'adam',
    help: 'Rule that turns gradients into updates.',
    group: 'Training',
    commands: RUNNING,
  },
  learningRate: {
    kind: positiveNumber,
    placeholder: 'RATE',
    fallback: '0.004',
    help: 'Learning rate, at its highest where the schedule changes it.',
    group: 'Training',
    commands: RUNNING,
  },
  schedule: {
    kind: oneOf('constant', 'cosine'),
    placeholder: 'NAME',
    fallback: 'cosine',
    help: 'Course of the learning rate: always the same, or up and then down to 0.',
    group: 'Training',
    commands: RUNNING,
  },
  warmup: {
    kind: shareBelowOne,
    placeholder: 'SHARE',
    fallback: '0.1',
    help: 'Share of all steps in which the learning rate rises from 0.',
    group: 'Training',
    commands: RUNNING,
    usedWith: ['schedule', 'cosine'],
  },
  momentum: {
    kind: shareBelowOne,
    placeholder: 'SHARE',
    fallback: '0.9',
    help: 'Share of the last update that goes into the next.',
    group: 'Training',
    commands: RUNNING,
    usedWith: ['optimizer', 'momentum'],
  },
  beta1: {
    kind: shareBelowOne,
    placeholder: 'SHARE',
    fallback: '0.9',
    help: "Decay of Adam's mean of the gradients.",
    group: 'Training',
    commands: RUNNING,
    usedWith: ['optimizer', 'adam'],
  },
  beta2: {
    kind: shareBelowOne,
    placeholder: 'SHARE',
    fallback: '0.999',
    help: "Decay of Adam's mean of the squared gradients.",
    group: 'Training',
    commands: RUNNING,
    usedWith: ['optimizer', 'adam'],
  },
  epsilon: {
    kind: positiveNumber,
    placeholder: 'NUMBER',
    fallback: '1e-7',
    help: "What keeps Adam's divisor above 0.",
    group: 'Training',
    commands: RUNNING,
    usedWith: ['optimizer', 'adam'],
  },
  seed: {
    kind: wholeNumber(0, 4_294_967_295),
    placeholder: 'N',
    fallback: '1',
    help: 'Decides the start, the order of the examples and the dropout.',
    group: 'Training',
    commands: RUNNING,
  },
  backend: {
    kind: oneOf('auto', 'tensorflow', 'wasm'),
    placeholder: 'NAME',
    fallback: 'auto',
    help: 'What TensorFlow.js computes with: its native library, WebAssembly, or the first that works.',
    group: 'Training',
    commands: ['train', 'worker', 'evaluate', 'predict', 'replay', 'doctor'],
  },
} as const satisfies Record<string, Setting>;
