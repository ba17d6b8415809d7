/**
 * What is to be computed, and what came of it; `messages.ts` has the drawing.
 */
import { z } from 'zod';
import { ERROR_CODES } from './errors.js';
import {
  count,
  dtype,
  loss,
  milliseconds,
  outcome,
  phasesSchema,
  range,
  term,
} from './message-fields.js';

/** A task to sum the gradients of an aligned run of leaves of step `step`. */
export const gradientTaskSchema = z.strictObject({
  kind: z.literal('gradient'),
  taskId: count,
  /** Global step, whose examples these are. */
  step: count,
  firstLeaf: count,
  numLeaves: count,
  /**
   * Version to compute from: this one where gradients are applied a step at a
   * time, this one or a newer one where they are applied on arrival.
   */
  base: count,
});

/** A task to evaluate test examples `[begin, end)` at a version. */
export const evaluateTaskSchema = z.strictObject({
  kind: z.literal('evaluate'),
  taskId: count,
  version: count,
  ...range,
});

/** One leased piece of work. */
export const taskSchema = z.discriminatedUnion('kind', [
  gradientTaskSchema,
  evaluateTaskSchema,
]);

/** coordinator -> worker: do this; the lease is renewed by heartbeats. */
export const assignSchema = z.strictObject({
  type: z.literal('assign'),
  task: taskSchema,
  leaseMs: milliseconds,
});

/**
 * worker -> each shard, with the slice of the tree sum as payload: float32 or
 * bf16, as the run definition says.
 */
export const pushSchema = z.strictObject({
  type: z.literal('push'),
  /** Known by (worker, pushId): the answer names it. */
  pushId: count,
  taskId: count,
  step: count,
  firstLeaf: count,
  numLeaves: count,
  /** Examples in the sum. */
  count,
  /** Term of the parameters that it was computed from. */
  term,
  /** Version of each server's slice that it was computed from. */
  bases: z.array(count).min(1).max(32),
  /** Sum of the examples' losses, tree order, float64. */
  lossSum: loss,
  /** Examples whose label had the greatest probability. */
  correct: count,
  phases: phasesSchema,
  ...range,
  dtype,
});

/** Mistakes that one evaluation names at most. */
export const MAX_MISTAKES = 12;

/** A class of at most 256: labels are bytes. */
const classOf = z.int().min(0).max(255);

/** A test example that the network takes for something else. */
export const mistakeSchema = z.strictObject({
  /** In the test set. */
  index: count,
  label: classOf,
  answer: classOf,
});

/**
 * worker -> coordinator: the integer counts of an evaluation task, and of its
 * mistakes those of whose answer the network is surest. Where there are any,
 * the payload has in the same order their probabilities by class, float32
 * `[mistakes, numClasses]`, and then their images, uint8
 * `[mistakes, rows * columns * channels]`. The counts depend on none of it.
 */
export const evaluatedSchema = z.strictObject({
  type: z.literal('evaluated'),
  pushId: count,
  taskId: count,
  version: count,
  ...range,
  count,
  correct: count,
  lossSum: loss,
  mistakes: z.array(mistakeSchema).max(MAX_MISTAKES),
});

/** worker -> coordinator: I cannot do this task; it goes elsewhere. */
export const taskFailedSchema = z.strictObject({
  type: z.literal('task-failed'),
  taskId: count,
  code: z.enum(ERROR_CODES),
  message: z.string().max(1000),
});

/**
 * worker -> coordinator: some server did not need this task's sum, though not
 * all of its leaves are in there; what is missing goes out again.
 */
export const taskReturnedSchema = z.strictObject({
  type: z.literal('task-returned'),
  taskId: count,
});

/** server -> worker: what came of a push or an evaluation. */
export const pushResultSchema = z.strictObject({
  type: z.literal('push-result'),
  pushId: count,
  outcome,
  code: z.enum(ERROR_CODES).optional(),
  message: z.string().max(1000).optional(),
  /** The shard's newest version. */
  version: count,
});
