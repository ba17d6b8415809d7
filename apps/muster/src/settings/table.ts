/**
 * Every setting of Muster, once: its kind, default, meaning, and the commands
 * that take it. Flags, environment names, keys of the YAML file, help texts
 * and the table in the README are all made from this table. To add a setting,
 * add an entry.
 */
import {
  address,
  autoOrWholeNumber,
  numberFromZero,
  oneOf,
  positiveNumber,
  serverUrl,
  shareBelowOne,
  text,
  toggle,
  wholeNumber,
} from './value-kinds.js';
import type { ValueKind } from './value-kinds.js';

/** The commands that take settings. */
export const COMMANDS = [
  'train',
  'server',
  'worker',
  'evaluate',
  'predict',
  'export',
  'runs',
  'explore',
  'doctor',
] as const;
/** One of {@link COMMANDS}. */
export type CommandName = (typeof COMMANDS)[number];

/** One setting. Its key in {@link SETTINGS} gives its names. */
export interface Setting {
  readonly kind: ValueKind;
  /** Stands for the value in help texts; without one the flag is a switch. */
  readonly placeholder?: string;
  /** As text; without one the setting is not set. */
  readonly fallback?: string;
  /** Other defaults of some commands. */
  readonly fallbackOf?: Readonly<Partial<Record<CommandName, string>>>;
  /** One sentence, with the unit. */
  readonly help: string;
  readonly group: 'Training' | 'Cluster' | 'Files and output';
  readonly commands: readonly CommandName[];
  /** It only has an effect where that setting has one of these values. */
  readonly usedWith?: readonly [name: string, ...values: string[]];
  /** Whether `config.yaml` of a run leaves it out: it is about one call. */
  readonly isUnrecorded?: boolean;
}

const RUNNING = ['train', 'server'] as const;
const PROCESSES = ['train', 'server', 'worker'] as const;

/** The table. */
export const SETTINGS = {
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
    commands: ['train', 'worker', 'evaluate', 'predict', 'doctor'],
  },
  workers: {
    kind: autoOrWholeNumber(1, 1024),
    placeholder: 'N',
    fallback: 'auto',
    help: 'Worker processes to start here; auto is one a core, but no more than micro-batches.',
    group: 'Cluster',
    commands: ['train'],
  },
  servers: {
    kind: wholeNumber(1, 1),
    placeholder: 'N',
    fallback: '1',
    help: 'Parameter servers that share the parameters.',
    group: 'Cluster',
    commands: ['train'],
  },
  consistency: {
    kind: oneOf('sync'),
    placeholder: 'MODE',
    fallback: 'sync',
    help: 'When a gradient is applied: sync is when its whole step is there.',
    group: 'Cluster',
    commands: RUNNING,
  },
  server: {
    kind: serverUrl,
    placeholder: 'URL',
    help: "Address of the run's parameter server.",
    group: 'Cluster',
    commands: ['worker'],
  },
  connectTimeoutMs: {
    kind: wholeNumber(0, 86_400_000),
    placeholder: 'MS',
    fallback: '60000',
    help: 'Milliseconds that a worker looks for its server before it gives up.',
    group: 'Cluster',
    commands: ['worker'],
  },
  listen: {
    kind: address,
    placeholder: 'HOST:PORT',
    fallback: '127.0.0.1:0',
    fallbackOf: { server: '127.0.0.1:7070' },
    help: 'Where the parameter server listens for workers.',
    group: 'Cluster',
    commands: RUNNING,
  },
  tokenFile: {
    kind: text('the path of a file'),
    placeholder: 'FILE',
    help: 'File that holds the token which workers have to show.',
    group: 'Cluster',
    commands: PROCESSES,
  },
  insecure: {
    kind: toggle,
    fallback: 'off',
    help: 'Listens for workers of other machines without a token.',
    group: 'Cluster',
    commands: RUNNING,
  },
  leaseMs: {
    kind: wholeNumber(100, 3_600_000),
    placeholder: 'MS',
    fallback: '5000',
    help: 'Milliseconds of silence after which the tasks of a worker go to others.',
    group: 'Cluster',
    commands: RUNNING,
  },
  heartbeatMs: {
    kind: wholeNumber(20, 1_800_000),
    placeholder: 'MS',
    fallback: '1000',
    help: 'Milliseconds from one sign of life of a worker to the next.',
    group: 'Cluster',
    commands: RUNNING,
  },
  stragglerFactor: {
    kind: numberFromZero,
    placeholder: 'FACTOR',
    fallback: '2',
    help: 'How many times the median time makes a task slow, so that an idle worker gets a copy of it; 0 gives none.',
    group: 'Cluster',
    commands: RUNNING,
  },
  metrics: {
    kind: toggle,
    placeholder: 'on|off',
    fallback: 'on',
    help: 'Serves /metrics, /healthz and /readyz in every process.',
    group: 'Cluster',
    commands: PROCESSES,
  },
  metricsListen: {
    kind: address,
    placeholder: 'HOST:PORT',
    fallback: '127.0.0.1:0',
    help: 'Where metrics are served; workers that train starts take free ports of this host.',
    group: 'Cluster',
    commands: PROCESSES,
    usedWith: ['metrics', 'on'],
  },
  data: {
    kind: text('the path of a folder'),
    placeholder: 'DIR',
    help: 'Folder of the four IDX files, plain or .gz; the MNIST digits if not set.',
    group: 'Files and output',
    commands: ['train', 'server', 'worker', 'evaluate', 'explore', 'doctor'],
  },
  out: {
    kind: text('the path of a folder'),
    placeholder: 'DIR',
    fallback: './runs',
    help: 'Folder in which every run has its own.',
    group: 'Files and output',
    commands: ['train', 'server', 'evaluate', 'predict', 'export', 'runs'],
  },
  resume: {
    kind: text('the name or the folder of a run'),
    placeholder: 'RUN',
    help: 'Run to go on with, from its newest whole checkpoint.',
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
    commands: ['train', 'evaluate', 'predict', 'runs', 'explore', 'doctor'],
    isUnrecorded: true,
  },
} as const satisfies Record<string, Setting>;

/** A setting's key in the table, in camel case. */
export type SettingName = keyof typeof SETTINGS;

/** The table as pairs, in its order. */
export const SETTING_ENTRIES = Object.entries(SETTINGS) as [
  SettingName,
  Setting,
][];

/** Gives a setting's default for a command, as text. */
export function fallbackOf(
  setting: Setting,
  command: CommandName,
): string | undefined {
  return setting.fallbackOf?.[command] ?? setting.fallback;
}
