/**
 * What several messages have in common: kinds of fields, each with its bound.
 */
import { z } from 'zod';

export const count = z
  .int()
  .min(0)
  .max(2 ** 40);
export const id = z
  .string()
  .min(1)
  .max(64)
  .regex(/^[A-Za-z0-9._-]+$/);
export const fingerprint = z.string().regex(/^[0-9a-f]{64}$/);
export const milliseconds = z.number().min(0).max(1e9);
/** Any float64: a training that diverges has NaN and infinite losses. */
export const loss = z.custom<number>((value) => typeof value === 'number', {
  error: 'expected a number',
});

/** A key range `[begin, end)` of the flat parameter vector, in elements. */
export const range = { begin: count, end: count };

/**
 * What the payload's bytes are: little-endian numbers (`bf16` is the upper
 * half of a float32), or JSON text.
 */
export const dtype = z.enum(['float32', 'bf16', 'uint8', 'json']);

/** Where a server listens; ASCII, so that a header's bytes are bounded. */
export const address = z
  .string()
  .max(200)
  .regex(/^[\x21-\x7e]*$/);

/**
 * Where a process serves `/metrics`, as it knows itself: `http://host:port`
 * and nothing behind it. The host may be one that means every address of its
 * machine, or loopback; what that is for others the coordinator works out.
 */
export const metricsUrl = z
  .string()
  .max(200)
  .regex(/^https?:\/\/(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?$/)
  .refine((url) => URL.canParse(url), { error: 'expected an address' });

/**
 * One place a server: its key range, and where it listens. The first address
 * is its primary's; the others are tried when that is gone. Server 0's list
 * may be empty: whoever hears of it is connected to it.
 */
export const shardMap = z
  .array(z.strictObject({ ...range, urls: z.array(address).max(3) }))
  .min(1)
  .max(32);

/**
 * Orders the lives of coordinators, and the states that servers went back to:
 * the larger number is the newer one. Milliseconds of a wall clock, raised.
 */
export const term = z.int().min(0);

/**
 * Milliseconds a worker spent on a task, by phase: it had nothing to do
 * (`wait`) until the task came, then waited for its parameters (`pull`).
 * `encode` and `push`, until every server had answered, are those of the push
 * before: a push cannot hold how long it takes itself.
 */
export const phasesSchema = z.strictObject({
  wait: milliseconds,
  data: milliseconds,
  compute: milliseconds,
  encode: milliseconds,
  push: milliseconds,
  pull: milliseconds,
});

/**
 * - `accepted`: it counts.
 * - `duplicate`: all of its leaves were in already.
 * - `overlap`: some of its leaves were in already; nothing was changed.
 * - `stale`: it is of another step, or computed from too old parameters.
 * - `refused`: it is not usable; `code` and `message` say why.
 */
export const outcome = z.enum([
  'accepted',
  'duplicate',
  'overlap',
  'stale',
  'refused',
]);
