/**
 * How a worker comes into a run, is kept up to date, and goes again;
 * `messages.ts` has the drawing.
 */
import { z } from 'zod';
import { ERROR_CODES } from './errors.js';
import {
  count,
  dtype,
  fingerprint,
  id,
  metricsUrl,
  milliseconds,
  range,
  shardMap,
  term,
} from './message-fields.js';

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
