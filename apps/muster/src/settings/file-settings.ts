/**
 * The settings of files and of what is shown.
 */
import { COMMANDS, PROCESSES, RUNNING } from './setting.js';
import type { Setting } from './setting.js';
import { oneOf, text, toggle, wholeNumber } from './value-kinds.js';

/** Part of the table of settings. */
export const FILE_SETTINGS = {
  data: {
    kind: text('the path of a folder'),
    placeholder: 'DIR',
    help: 'Folder of the four IDX files, plain or .gz; the MNIST digits if not set.',
    group: 'Files and output',
    commands: [
      'train',
      'server',
      'worker',
      'create',
      'evaluate',
      'replay',
      'explore',
      'doctor',
    ],
  },
  cacheDir: {
    kind: text('the path of a folder'),
    placeholder: 'DIR',
    help: "Folder in which a worker keeps the data that it got from its server; muster in the user's cache folder if not set.",
    group: 'Files and output',
    commands: ['worker'],
  },
  out: {
    kind: text('the path of a folder'),
    placeholder: 'DIR',
    fallback: './runs',
    help: 'Folder in which every run has its own.',
    group: 'Files and output',
    commands: [
      'train',
      'server',
      'create',
      'evaluate',
      'predict',
      'export',
      'replay',
      'runs',
      'logs',
    ],
  },
  resume: {
    kind: text('the name or the folder of a run, or auto'),
    placeholder: 'RUN',
    help: 'Run to go on with, from its newest whole checkpoint; auto is the newest run in --out that has not come to its end, or else a new one.',
    group: 'Files and output',
    commands: RUNNING,
    isUnrecorded: true,
  },
  checkpointEvery: {
    kind: wholeNumber(0, 1_000_000_000),
    placeholder: 'STEPS',
    fallback: '200',
    help: "Steps from one checkpoint to the next; there is one at each epoch's end, and with 0 no other.",
    group: 'Files and output',
    commands: RUNNING,
  },
  config: {
    kind: text('the path of a YAML file'),
    placeholder: 'FILE',
    help: 'YAML file with settings; flags and the environment win over it.',
    group: 'Files and output',
    commands: COMMANDS,
    isUnrecorded: true,
  },
  logLevel: {
    kind: oneOf('debug', 'info', 'warn', 'error'),
    placeholder: 'LEVEL',
    fallback: 'info',
    help: 'Least important lines that are logged.',
    group: 'Files and output',
    commands: PROCESSES,
  },
  json: {
    kind: toggle,
    fallback: 'off',
    help: 'Prints one JSON value at the end and nothing else on standard output.',
    group: 'Files and output',
    commands: [
      'train',
      'create',
      'evaluate',
      'predict',
      'replay',
      'runs',
      'explore',
      'doctor',
    ],
    isUnrecorded: true,
  },
} as const satisfies Record<string, Setting>;
