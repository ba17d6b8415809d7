/**
 * Everything that is said in a cluster: one strict schema a message, and who
 * says it to whom. This file is the protocol document.
 *
 * ```
 * worker                          server (shard 0 coordinates)
 *   | -- join ----------------------> |   token was checked at the upgrade
 *   | <------------------- joined --- |   + run definition (JSON bytes)
 *   | -- subscribe -----------------> |
 *   | <--------------- parameters --- |   + slice of version t
 *   | <------------------- assign --- |   task: leaves of step t
 *   | -- push ----------------------> |   + slice: tree sum over the task's leaves
 *   | <-------------- push-result --- |   after the decision
 *   | <--------------- parameters --- |   + slice of version t + 1, same bytes for all
 *   | <------------------- assign --- |   ...
 *   | <-> heartbeat                   |
 *   | <-------------------- drain --- |   or worker -> server: leave
 *   | -- leave ---------------------> |
 * ```
 *
 * A frame is one msgpack value `[header, payload?]`; the header is one of the
 * maps below, the payload a `bin` of little-endian numbers.
 */
import { z } from 'zod';
import { ERROR_CODES } from './errors.js';

/** Raised with any change on the wire. A peer of another version is refused. */
export const PROTOCOL_VERSION = 1;

const count = z
  .int()
  .min(0)
  .max(2 ** 40);
const id = z
  .string()
  .min(1)
  .max(64)
  .regex(/^[A-Za-z0-9._-]+$/);
const fingerprint = z.string().regex(/^[0-9a-f]{64}$/);
const milliseconds = z.number().min(0).max(1e9);
/** Any float64: a training that diverges has NaN and infinite losses. */
const loss = z.custom<number>((value) => typeof value === 'number', {
  error: 'expected a number',
});

/** A key range `[begin, end)` of the flat parameter vector, in elements. */
const range = { begin: count, end: count };

/** What the payload's bytes are: little-endian numbers, or JSON text. */
const dtype = z.enum(['float32', 'json']);

/** worker -> coordinator: first message of a connection. */
export const joinSchema = z.strictObject({
  type: z.literal('join'),
  protocol: z.int(),
  /** Stable over reconnects of one process; letters, digits, `._-`. */
  workerId: id,
  /** What `joined` gave on an earlier connection of this same process. */
  incarnation: count.optional(),
  /** Hash of everything that can change a gradient's bits. */
  numerics: fingerprint,
  backend: z.enum(['tensorflow', 'wasm']),
  /** The network the worker insists on, if it does. */
  model: fingerprint.optional(),
});

/** coordinator -> worker, with the run definition as JSON payload. */
export const joinedSchema = z.strictObject({
  type: z.literal('joined'),
  incarnation: count,
  runId: id,
  /** The worker sends a heartbeat this often. */
  heartbeatMs: milliseconds,
  /** Key ranges by shard; the connection itself is shard 0's. */
  shards: z
    .array(z.strictObject({ ...range, url: z.string().max(200).optional() }))
    .min(1)
    .max(64),
  dtype,
});

/** coordinator -> worker: why it may not join; the connection closes. */
export const refusedSchema = z.strictObject({
  type: z.literal('refused'),
  code: z.enum(ERROR_CODES),
  message: z.string().max(1000),
});

/** worker -> each shard: send me parameters from now on. */
export const subscribeSchema = z.strictObject({
  type: z.literal('subscribe'),
  workerId: id,
  incarnation: count,
});

/** shard -> workers, with the slice as payload; encoded once for all. */
export const parametersSchema = z.strictObject({
  type: z.literal('parameters'),
  version: count,
  ...range,
  dtype,
});

/** A task to sum the gradients of an aligned run of leaves of step `step`. */
export const gradientTaskSchema = z.strictObject({
  kind: z.literal('gradient'),
  taskId: count,
  /** Global step; computed from parameters of this same version. */
  step: count,
  firstLeaf: count,
  numLeaves: count,
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
 * Milliseconds a worker spent on a task, by phase; `encode` is that of its
 * push before, as a push cannot hold how long its own encoding took.
 */
export const phasesSchema = z.strictObject({
  wait: milliseconds,
  data: milliseconds,
  compute: milliseconds,
  encode: milliseconds,
});

/** worker -> each shard, with the slice of the tree sum as payload. */
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
  /** Sum of the examples' losses, tree order, float64. */
  lossSum: loss,
  /** Examples whose label had the greatest probability. */
  correct: count,
  phases: phasesSchema,
  ...range,
  dtype,
});

/** worker -> coordinator: the integer counts of an evaluation task. */
export const evaluatedSchema = z.strictObject({
  type: z.literal('evaluated'),
  pushId: count,
  taskId: count,
  version: count,
  ...range,
  count,
  correct: count,
  lossSum: loss,
});

/** worker -> coordinator: I cannot do this task; it goes elsewhere. */
export const taskFailedSchema = z.strictObject({
  type: z.literal('task-failed'),
  taskId: count,
  code: z.enum(ERROR_CODES),
  message: z.string().max(1000),
});

/** shard -> worker: what came of a push or an evaluation. */
export const pushResultSchema = z.strictObject({
  type: z.literal('push-result'),
  pushId: count,
  outcome: z.enum(['accepted', 'duplicate', 'stale', 'refused']),
  code: z.enum(ERROR_CODES).optional(),
  message: z.string().max(1000).optional(),
  /** The shard's newest version. */
  version: count,
});

/** Both ways: a sign of life; the worker's renews its leases. */
export const heartbeatSchema = z.strictObject({
  type: z.literal('heartbeat'),
  /** Echoed by the server, so that the sender can measure the round trip. */
  sequence: count,
});

/** worker -> coordinator: I stop; my tasks go elsewhere. */
export const leaveSchema = z.strictObject({
  type: z.literal('leave'),
  reason: z.string().max(200),
});

/** coordinator -> worker: stop; finish nothing more, say leave, exit 0. */
export const drainSchema = z.strictObject({
  type: z.literal('drain'),
  reason: z.enum(['finished', 'stopping', 'failed']),
});

/** Any message. */
export const messageSchema = z.discriminatedUnion('type', [
  joinSchema,
  joinedSchema,
  refusedSchema,
  subscribeSchema,
  parametersSchema,
  assignSchema,
  pushSchema,
  evaluatedSchema,
  taskFailedSchema,
  pushResultSchema,
  heartbeatSchema,
  leaveSchema,
  drainSchema,
]);

/** Any message, by its literal `type`. */
export type Message = z.infer<typeof messageSchema>;
/** The type names of all messages. */
export type MessageType = Message['type'];
/** The message with this `type`. */
export type MessageOf<T extends MessageType> = Extract<Message, { type: T }>;
/** One leased piece of work. */
export type Task = z.infer<typeof taskSchema>;
/** A task over an aligned run of leaves. */
export type GradientTask = z.infer<typeof gradientTaskSchema>;
/** A task over a range of test examples. */
export type EvaluateTask = z.infer<typeof evaluateTaskSchema>;
/** Milliseconds by phase, as a push reports them. */
export type Phases = z.infer<typeof phasesSchema>;
/** What came of a push. */
export type PushOutcome = MessageOf<'push-result'>['outcome'];

/** A message with its payload, as the brain sends and receives it. */
export interface Packet<M extends Message = Message> {
  readonly message: M;
  /**
   * The payload's bytes, little-endian. When received: a view into the
   * frame's own buffer, which belongs to the receiver; 8-byte aligned within
   * it when our encoder made it.
   */
  readonly payload?: Uint8Array | undefined;
}
