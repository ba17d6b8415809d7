/**
 * What the coordinator asks a worker for the live page; `messages.ts` has the
 * drawing. No lease and no step depends on it.
 */
import { z } from 'zod';
import { count, dtype } from './message-fields.js';

/** Probabilities by class: finite, and of at most 256 classes. */
export const probabilities = z.array(z.number().min(0).max(1)).min(1).max(256);

/**
 * coordinator -> worker, with an image as payload, uint8 `[rows * columns]`:
 * what does the network say to it? Answered between two leaves; not answered
 * while the worker holds no whole parameters, or where they have diverged.
 */
export const classifySchema = z.strictObject({
  type: z.literal('classify'),
  /** Rises from question to question; the answer names it. */
  requestId: count,
  dtype,
});

/** worker -> coordinator: the answer. */
export const classifiedSchema = z.strictObject({
  type: z.literal('classified'),
  requestId: count,
  /** Of the parameters that answered: of the oldest slice. */
  version: count,
  /** By class, `[numClasses]`. */
  probabilities,
});
