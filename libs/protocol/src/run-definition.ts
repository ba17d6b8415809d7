/**
 * What a run is: everything that decides its bits, and nothing about the
 * cluster. Written by the launcher to `run.json`, sent to workers in `joined`.
 */
import { createHash } from 'node:crypto';
import { z } from 'zod';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const positive = z
  .int()
  .min(1)
  .max(2 ** 40);

/** One tensor's place in the flat parameter vector. */
export const layoutEntrySchema = z.strictObject({
  name: z.string().min(1).max(200),
  shape: z.array(z.int().min(1)).max(8),
  /** First element in the flat vector. */
  offset: z.int().min(0),
});

/** Adam, SGD or momentum with their constants; defaults are Keras's. */
export const optimizerConfigSchema = z.discriminatedUnion('name', [
  z.strictObject({
    name: z.literal('adam'),
    beta1: z.number().min(0).lt(1),
    beta2: z.number().min(0).lt(1),
    epsilon: z.number().positive(),
  }),
  z.strictObject({ name: z.literal('sgd') }),
  z.strictObject({
    name: z.literal('momentum'),
    momentum: z.number().min(0).lt(1),
  }),
]);

/** Learning rate by step. */
export const scheduleConfigSchema = z.discriminatedUnion('name', [
  z.strictObject({
    name: z.literal('constant'),
    learningRate: z.number().positive(),
  }),
  z.strictObject({
    name: z.literal('cosine'),
    learningRate: z.number().positive(),
    /** Linear warm-up over this share of all steps. */
    warmupRatio: z.number().min(0).lt(1),
  }),
]);

/** When a gradient is applied: the modes of the design, with their bounds. */
export const consistencySchema = z.discriminatedUnion('name', [
  z.strictObject({ name: z.literal('sync') }),
  z.strictObject({
    name: z.literal('bounded'),
    /** Most versions between what a gradient saw and what it is applied to. */
    staleness: z.int().min(0).max(10_000),
    scaling: z.enum(['none', 'inverse']),
  }),
  z.strictObject({
    name: z.literal('async'),
    /** A gradient that is staler is refused and computed again. */
    maxStaleness: z.int().min(0).max(1_000_000),
    scaling: z.enum(['none', 'inverse']),
  }),
  z.strictObject({
    name: z.literal('local'),
    /** Local steps a round. */
    steps: z.int().min(1).max(10_000),
    outer: z.discriminatedUnion('name', [
      z.strictObject({ name: z.literal('average') }),
      z.strictObject({
        name: z.literal('nesterov'),
        learningRate: z.number().positive(),
        momentum: z.number().min(0).lt(1),
      }),
    ]),
  }),
]);

/**
 * What the numbers of a pushed slice are: `float32`, or `bf16`, to which then
 * every node of the sum tree is rounded, on whichever side it is added.
 */
export const wireSchema = z.enum(['float32', 'bf16']);

/** The whole definition. */
export const runDefinitionSchema = z.strictObject({
  protocol: z.int(),
  runId: z.string().regex(/^[A-Za-z0-9._-]{1,64}$/),
  seed: z
    .int()
    .min(0)
    .max(2 ** 32 - 1),
  epochs: positive,
  globalBatchSize: positive,
  /** Leaves a step; `globalBatchSize` is a multiple of it. */
  microBatches: positive,
  consistency: consistencySchema,
  /** Definitions from before there was a choice do not name it. */
  wire: wireSchema.default('float32'),
  optimizer: optimizerConfigSchema,
  schedule: scheduleConfigSchema,
  dataset: z.strictObject({
    name: z.string().max(200),
    /** SHA-256 over the four files' contents. */
    fingerprint: sha256,
    numTrain: positive,
    numTest: positive,
    rows: positive,
    columns: positive,
    channels: positive,
    numClasses: positive,
  }),
  model: z.strictObject({
    /** Keras-style JSON of a Layers model. */
    topology: z.unknown(),
    layout: z.array(layoutEntrySchema).min(1),
    /** SHA-256 over topology and layout. */
    fingerprint: sha256,
    numParameters: positive,
  }),
});

/** What a run is. */
export type RunDefinition = z.infer<typeof runDefinitionSchema>;
/** One tensor's place in the flat parameter vector. */
export type LayoutEntry = z.infer<typeof layoutEntrySchema>;
/** When a gradient is applied. */
export type Consistency = z.infer<typeof consistencySchema>;
/** What the numbers of a pushed slice are. */
export type WireFormat = z.infer<typeof wireSchema>;
/** Optimizer and constants. */
export type OptimizerConfig = z.infer<typeof optimizerConfigSchema>;
/** Learning-rate schedule. */
export type ScheduleConfig = z.infer<typeof scheduleConfigSchema>;

/**
 * SHA-256 of a definition, the same whatever the order of its keys was: a
 * checkpoint fits the run with this fingerprint and no other. `wire` is part
 * of it where it is not `float32`: checkpoints from before there was a choice
 * still fit their run.
 */
export function runFingerprint(run: RunDefinition): string {
  const { wire, ...ordered } = runDefinitionSchema.parse(run);
  const identity = wire === 'float32' ? ordered : { ...ordered, wire };
  return createHash('sha256').update(JSON.stringify(identity)).digest('hex');
}
