/**
 * Makes a run: its definition, its folder, and version 0 as a checkpoint, so
 * that a server has one way to start, whatever has happened before.
 */
import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { nodeDisk, writeCheckpoint } from '@muster/checkpoint';
import { createRandomStream } from '@muster/data';
import type { Dataset } from '@muster/data';
import { describeModel, initialParameters } from '@muster/model';
import {
  MusterError,
  PROTOCOL_VERSION,
  runFingerprint,
} from '@muster/protocol';
import type {
  Consistency,
  OptimizerConfig,
  RunDefinition,
  ScheduleConfig,
  WireFormat,
} from '@muster/protocol';
import { RunFolder } from './run-folder.js';

/** What decides a run's bits, beside data and network. */
export interface TrainingPlan {
  readonly seed: number;
  readonly epochs: number;
  /** Examples a step. */
  readonly globalBatchSize: number;
  /** Leaves a step. */
  readonly microBatches: number;
  readonly consistency: Consistency;
  /** What the numbers of a pushed slice are. */
  readonly wire: WireFormat;
  readonly optimizer: OptimizerConfig;
  readonly schedule: ScheduleConfig;
}

/** What a run is made of. */
export interface NewRun {
  /** Folder of all runs. */
  readonly out: string;
  /** What it is called; after the time when not given. */
  readonly name?: string | undefined;
  readonly plan: TrainingPlan;
  readonly dataset: Dataset;
  /** Keras-style JSON of a Layers model. */
  readonly topology: unknown;
  /** Parameters to start from; Keras's initializers when not given. */
  readonly parameters?: Float32Array | undefined;
}

/** A run that can be started. */
export interface Run {
  readonly folder: RunFolder;
  readonly definition: RunDefinition;
}

/**
 * Makes a run's folder with everything a server needs.
 * @throws MusterError `ERR_MODEL_UNSUPPORTED`, `ERR_CONFIG`.
 */
export async function createRun(options: NewRun): Promise<Run> {
  const { plan, dataset, topology, out } = options;
  const runId = options.name ?? newRunId(new Date());
  const definition = defineRun(runId, plan, dataset, topology);
  const folder = new RunFolder(join(out, runId));
  await folder.create();
  await folder.createToken();
  const text = `${JSON.stringify(definition, null, 2)}\n`;
  await writeFile(folder.definition, text);
  const parameters =
    options.parameters ??
    initialParameters(describeModel(topology), createRandomStream, plan.seed);
  await writeStart(folder, definition, parameters);
  return { folder, definition };
}

/** Puts a definition together; checks that network and data fit. */
export function defineRun(
  runId: string,
  plan: TrainingPlan,
  dataset: Dataset,
  topology: unknown,
): RunDefinition {
  const model = describeModel(topology);
  const { rows, columns, channels, numClasses } = dataset;
  checkFit(model, dataset);
  return {
    protocol: PROTOCOL_VERSION,
    runId,
    ...plan,
    dataset: {
      name: dataset.name,
      fingerprint: dataset.fingerprint,
      numTrain: dataset.train.count,
      numTest: dataset.test.count,
      ...{ rows, columns, channels, numClasses },
    },
    model: {
      topology: model.topology,
      layout: [...model.layout],
      fingerprint: model.fingerprint,
      numParameters: model.numParameters,
    },
  };
}

function checkFit(
  model: ReturnType<typeof describeModel>,
  dataset: Dataset,
): void {
  const { rows, columns, channels, numClasses } = dataset;
  const data = [rows, columns, channels].join('x');
  const input = model.inputShape.join('x');
  if (data !== input) {
    throw new MusterError(
      'ERR_CONFIG',
      `the network takes images of ${input}, '${dataset.name}' holds ${data}`,
    );
  }
  if (numClasses > model.numClasses) {
    throw new MusterError(
      'ERR_CONFIG',
      `the network tells ${model.numClasses} classes apart, '${dataset.name}' has ${numClasses}`,
    );
  }
}

async function writeStart(
  folder: RunFolder,
  definition: RunDefinition,
  parameters: Float32Array,
): Promise<void> {
  const { numParameters } = definition.model;
  const start = {
    ...{ version: 0, epoch: 0, stepInEpoch: 0 },
    ...expectationOf(definition),
    ...{ begin: 0, end: numParameters, parameters },
    optimizer: { name: definition.optimizer.name, slots: {} },
    ledger: null,
  };
  const options = { disk: nodeDisk, keep: 2 };
  await writeCheckpoint(folder.checkpoints, start, options);
  // where gradients are applied on arrival, a replay begins here
  if (isReplayed(definition)) {
    await writeCheckpoint(folder.start, start, options);
  }
}

/** What every checkpoint of a run has in common. */
export function expectationOf(definition: RunDefinition) {
  return {
    runId: definition.runId,
    configFingerprint: runFingerprint(definition),
    seed: definition.seed,
    numParameters: definition.model.numParameters,
  };
}

/** Whether a run's bits depend on an order of arrival, which is recorded. */
export function isReplayed({ consistency }: RunDefinition): boolean {
  return consistency.name === 'bounded' || consistency.name === 'async';
}

/** Sorts by time and is unique: `20261123-224500-1f3a`. */
function newRunId(now: Date): string {
  const digits = now.toISOString().replaceAll(/\D/g, '');
  const suffix = randomBytes(2).toString('hex');
  return `${digits.slice(0, 8)}-${digits.slice(8, 14)}-${suffix}`;
}
