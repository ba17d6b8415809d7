/**
 * Everything that is said in a cluster: one strict schema a message, and who
 * says it to whom. This file is the protocol document; the schemas stand in
 * `session-messages.ts`, `task-messages.ts`, `server-messages.ts` and
 * `page-messages.ts`.
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
 *   | -- evaluated -------> |   + its surest mistakes; answered by push-result
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
import type { phasesSchema } from './message-fields.js';
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
import {
  drainSchema,
  heartbeatSchema,
  joinSchema,
  joinedSchema,
  leaveSchema,
  parametersSchema,
  pullSchema,
  refusedSchema,
  shardsSchema,
  subscribeSchema,
} from './session-messages.js';
import {
  assignSchema,
  evaluatedSchema,
  pushResultSchema,
  pushSchema,
  taskFailedSchema,
  taskReturnedSchema,
} from './task-messages.js';
import type {
  evaluateTaskSchema,
  gradientTaskSchema,
  taskSchema,
} from './task-messages.js';

/** Raised with any change on the wire. A peer of another version is refused. */
export const PROTOCOL_VERSION = 4;

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
