/**
 * Everything that is said in a cluster: one strict schema a message, and who
 * says it to whom. This file is the protocol document.
 *
 * ```
 * worker              coordinator (server 0)          every parameter server
 *   | -- join ------------> |   token was checked at the upgrade
 *   | <---------- joined -- |   + run definition (JSON bytes)
 *   | -- subscribe ---------|----------------------------> |
 *   | <---------------------|---------------- parameters - |   + slice of version t
 *   | <---------- assign -- |   task: leaves of step t
 *   | -- push --------------|----------------------------> |   + slice: tree sum over
 *   | <---------------------|---------------- push-result - |     the task's leaves
 *   |                       | <----------------- received - |
 *   | <---------------------|---------------- parameters - |   + slice of version t + 1
 *   | -- pull --------------|----------------------------> |   for another version
 *   | <---------- assign -- |   when a step's leaves are in on every server
 *   | -- task-returned ---> |   or task-failed: it goes elsewhere
 *   | <---------- shards -- |   when a server has moved
 *   | <-------- classify -- |   + an image; answered by classified
 *   | <-> heartbeat         |
 *   | <----------- drain -- |   or worker -> coordinator: leave
 *
 * server k            coordinator
 *   | -- shard-join ------> |   which versions it holds, live and on disk
 *   | <--------- restore -- |   go back to this version; answered by restored
 *   | <---------- resume -- |   or go on from what is in memory
 *   | <------ checkpoint -- |   answered by checkpointed, twice: taken, written
 *   | -- received --------> |   what came of each push
 *   | <--------- promote -- |   to a standby whose primary is gone
 *
 * standby             its primary
 *   | -- follow ----------> |
 *   | <----------- state -- |   + parameters and optimizer state
 *   | <------- replicate -- |   + each applied step's sum; answered by replicated
 *   | <---------- ledger -- |   + the account (JSON), from the coordinator only
 * ```
 *
 * A frame is one msgpack value `[header, payload?]`; the header is one of the
 * maps below, the payload a `bin` of little-endian numbers.
 */
import { z } from 'zod';
import { ERROR_CODES } from './errors.js';
import {
  count,
  dtype,
  fingerprint,
  id,
  loss,
  metricsUrl,
  milliseconds,
  outcome,
  phasesSchema,
  range,
  shardMap,
  term,
} from './message-fields.js';
import { classifiedSchema, classifySchema } from './page-messages.js';
import {
  checkpointSchema,
  checkpointedSchema,
  followSchema,
  ledgerSchema,
  promoteSchema,
  receivedSchema,
  replicateSchema,
  replicatedSchema,
  restoreSchema,
  restoredSchema,
  resumeSchema,
  shardJoinSchema,
  stateSchema,
} from './server-messages.js';

/** Raised with any change on the wire. A peer of another version is refused. */
export const PROTOCOL_VERSION = 3;

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
  /** Where it serves metrics, if it does. */
  metricsUrl: metricsUrl.optional(),
});

/** coordinator -> worker, with the run definition as JSON payload. */
export const joinedSchema = z.strictObject({
  type: z.literal('joined'),
  incarnation: count,
  runId: id,
  /** The worker sends a heartbeat this often. */
  heartbeatMs: milliseconds,
  /** Which server owns which keys; the connection itself is server 0's. */
  shards: shardMap,
  dtype,
});

/** coordinator -> workers: the servers have changed; connect to these. */
export const shardsSchema = z.strictObject({
  type: z.literal('shards'),
  shards: shardMap,
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

/**
 * worker -> server: send me your slice of this version, or your newest one if
 * that is not older than `atLeast`. Not answered while there is no such slice.
 */
export const pullSchema = z.strictObject({
  type: z.literal('pull'),
  version: count.optional(),
  atLeast: count.optional(),
});

/** server -> workers, with the slice as payload; encoded once for all. */
export const parametersSchema = z.strictObject({
  type: z.literal('parameters'),
  term,
  version: count,
  ...range,
  dtype,
});

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
  shardsSchema,
  refusedSchema,
  subscribeSchema,
  pullSchema,
  parametersSchema,
  assignSchema,
  pushSchema,
  evaluatedSchema,
  taskFailedSchema,
  taskReturnedSchema,
  pushResultSchema,
  heartbeatSchema,
  leaveSchema,
  drainSchema,
  classifySchema,
  classifiedSchema,
  shardJoinSchema,
  restoreSchema,
  resumeSchema,
  restoredSchema,
  checkpointSchema,
  checkpointedSchema,
  receivedSchema,
  promoteSchema,
  followSchema,
  stateSchema,
  replicateSchema,
  ledgerSchema,
  replicatedSchema,
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
/** Which server owns which keys, and where it listens. */
export type ShardPlace = MessageOf<'joined'>['shards'][number];
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
