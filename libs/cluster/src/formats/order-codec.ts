/**
 * The order in which gradients were applied, a few bytes a contribution: what
 * a replay needs where they are applied as they arrive.
 *
 * An entry is a row of varints (LEB128): the step, the leaf, and for each
 * server the version that the entry makes minus the version that the server's
 * slice had, zigzag, as another server may be ahead of this one. The `i`-th
 * entry from version `from` on, counted from 0, makes version `from + i + 1`.
 */
import type { OrderEntry } from '../server/effects.js';

/** Gives an entry's bytes; `version` is the one that it made. */
export function encodeOrder(entry: OrderEntry, version: number): number[] {
  const bytes: number[] = [];
  putVarint(bytes, entry.step);
  putVarint(bytes, entry.leaf);
  for (const base of entry.bases) putZigzag(bytes, version - base);
  return bytes;
}

/**
 * Reads entries from version `from` on; a torn one at the end is left out.
 * @param numServers servers that the entries speak of.
 */
export function decodeOrder(
  bytes: Uint8Array,
  from: number,
  numServers: number,
): OrderEntry[] {
  const reader = new VarintReader(bytes);
  const entries: OrderEntry[] = [];
  for (;;) {
    const row = reader.row(2 + numServers);
    if (row === undefined) return entries;
    const [step = 0, leaf = 0, ...differences] = row;
    const version = from + entries.length + 1;
    const bases = differences.map((value) => version - unzigzag(value));
    entries.push({ step, leaf, bases });
  }
}

class VarintReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** So many values, or nothing when not all of them are there. */
  row(length: number): number[] | undefined {
    const row: number[] = [];
    while (row.length < length) {
      const value = this.#next();
      if (value === undefined) return undefined;
      row.push(value);
    }
    return row;
  }

  #next(): number | undefined {
    let value = 0;
    for (let scale = 1; ; scale *= 0x80) {
      const byte = this.#bytes[this.#at++];
      if (byte === undefined) return undefined;
      value += (byte % 0x80) * scale;
      if (byte < 0x80) return value;
    }
  }
}

function putVarint(bytes: number[], value: number): void {
  let rest = value;
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) + 0x80);
    rest = Math.floor(rest / 0x80);
  }
  bytes.push(rest);
}

function putZigzag(bytes: number[], value: number): void {
  putVarint(bytes, value < 0 ? -2 * value - 1 : 2 * value);
}

function unzigzag(value: number): number {
  return value % 2 === 1 ? -(value + 1) / 2 : value / 2;
}
