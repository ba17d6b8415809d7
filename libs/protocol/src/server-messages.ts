/**
 * What servers say to each other; `messages.ts` has the drawing.
 */
import { z } from 'zod';
import {
  address,
  count,
  dtype,
  fingerprint,
  id,
  loss,
  metricsUrl,
  outcome,
  phasesSchema,
  range,
  term,
} from './message-fields.js';

/** server -> coordinator: first message of a server's connection. */
export const shardJoinSchema = z.strictObject({
  type: z.literal('shard-join'),
  protocol: z.int(),
  /** Of the run definition. */
  run: fingerprint,
  /** Which server, from 0, of how many. */
  shard: count,
  numShards: count,
  ...range,
  /** Where workers reach it. */
  url: address,
  role: z.enum(['primary', 'standby']),
  /** The newest term that it has heard of. */
  term,
  /** Version of the parameters in memory, if there are any. */
  version: count.optional(),
  /** The oldest version that it can still give out. */
  oldest: count.optional(),
  /** Versions of its whole checkpoints. */
  checkpoints: z.array(count).max(64),
  /** Where it serves metrics, if it does. */
  metricsUrl: metricsUrl.optional(),
});

/** coordinator -> server: go back to the checkpoint of this version. */
export const restoreSchema = z.strictObject({
  type: z.literal('restore'),
  version: count,
  term,
});

/** coordinator -> server: go on from what is in memory. */
export const resumeSchema = z.strictObject({
  type: z.literal('resume'),
  term,
});

/** server -> coordinator: that version is in memory now. */
export const restoredSchema = z.strictObject({
  type: z.literal('restored'),
  version: count,
  term,
});

/** coordinator -> server: take a checkpoint; it is at this version. */
export const checkpointSchema = z.strictObject({
  type: z.literal('checkpoint'),
  version: count,
  reason: z.enum(['interval', 'epoch', 'drain', 'finished']),
  /** The newest version that every server holds whole: not to be removed. */
  keepFrom: count,
});

/** server -> coordinator: how far a checkpoint is. */
export const checkpointedSchema = z.strictObject({
  type: z.literal('checkpointed'),
  version: count,
  progress: z.enum(['taken', 'written', 'failed']),
});

/** server -> coordinator: what came of a push. */
export const receivedSchema = z.strictObject({
  type: z.literal('received'),
  workerId: id,
  taskId: count,
  step: count,
  firstLeaf: count,
  numLeaves: count,
  outcome,
  /** The server's version after it. */
  version: count,
  /** Steps between what it was computed from and what it was applied to. */
  staleness: count.optional(),
  count,
  lossSum: loss,
  correct: count,
  phases: phasesSchema,
  /** Where it made a new version. */
  applied: z
    .strictObject({
      step: count,
      count,
      lossSum: loss,
      correct: count,
      learningRate: z.number().min(0),
      /** Of the mean gradient over this server's keys, squared. */
      squaredNorm: z.number().min(0),
    })
    .optional(),
  message: z.string().max(1000).optional(),
});

/** coordinator -> standby: your primary is gone, you are it. */
export const promoteSchema = z.strictObject({
  type: z.literal('promote'),
  term,
});

/** standby -> primary: first message: send me what you apply. */
export const followSchema = z.strictObject({
  type: z.literal('follow'),
  protocol: z.int(),
  run: fingerprint,
  shard: count,
  numShards: count,
  url: address,
  /** The newest term that it has heard of; a primary of an older one ends. */
  term,
  /** Where it serves metrics, if it does. */
  metricsUrl: metricsUrl.optional(),
});

/** primary -> standby: everything, as `[parameters, ...slots]`. */
export const stateSchema = z.strictObject({
  type: z.literal('state'),
  term,
  version: count,
  slots: z.array(z.string().max(64)).max(8),
  ...range,
  dtype,
});

/** primary -> standby: the sum that made version `version`. */
export const replicateSchema = z.strictObject({
  type: z.literal('replicate'),
  version: count,
  count,
  lossSum: loss,
  correct: count,
  ...range,
  dtype,
});

/** primary -> standby of the coordinator: the account as JSON. */
export const ledgerSchema = z.strictObject({
  type: z.literal('ledger'),
  version: count,
  dtype,
});

/** standby -> primary: version `version` is made here too. */
export const replicatedSchema = z.strictObject({
  type: z.literal('replicated'),
  version: count,
});
