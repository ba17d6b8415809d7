/** One text for one JSON value: keys sorted, nothing undefined, no spaces. */
import { createHash } from 'node:crypto';

/** A value as `JSON.parse` gives it. */
export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [key: string]: Json };

/** A JSON object. */
export type JsonObject = Readonly<Record<string, Json>>;

/** Whether a value is an object with keys: no array, not null. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Gives a deep copy that holds JSON values only: what `undefined` stood for is
 * left out, as it would be in a file.
 *
 * @throws TypeError for what JSON cannot hold (a cycle, a bigint, a function)
 */
export function toJson(value: unknown): Json {
  const text = JSON.stringify(value) as string | undefined;
  if (text === undefined) throw new TypeError('the value is not JSON');
  return JSON.parse(text) as Json;
}

function sortKeys(value: Json): Json {
  if (Array.isArray(value)) return (value as readonly Json[]).map(sortKeys);
  if (!isJsonObject(value)) return value;
  const keys = Object.keys(value).sort();
  return Object.fromEntries(
    keys.map((key) => [key, sortKeys(value[key] ?? null)]),
  );
}

/** The canonical text: equal values give equal text, whatever their key order. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(sortKeys(toJson(value)));
}

/** A string as it is, anything else as JSON: for messages. */
export function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  return value === undefined ? 'nothing' : JSON.stringify(value);
}

/** SHA-256 of the canonical text, 64 lower-case hex digits. */
export function fingerprintOf(value: unknown): string {
  return createHash('sha256').update(canonicalJson(value)).digest('hex');
}
