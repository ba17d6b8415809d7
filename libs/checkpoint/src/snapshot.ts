/** What a checkpoint is made from, and what comes back out of one. */

/**
 * All that a parameter shard needs to go on as if it had never stopped, at
 * the boundary of a step.
 */
export interface Snapshot {
  /** Steps applied: the parameters' version. From 0. */
  readonly version: number;
  /** Epoch of the next step, from 0. */
  readonly epoch: number;
  /** Number of the next step within its epoch, from 0. */
  readonly stepInEpoch: number;
  readonly runId: string;
  /** Of all that decides the run's bits; 1 to 200 characters. */
  readonly configFingerprint: string;
  /** Of the run, 0 to 2^32 - 1. */
  readonly seed: number;
  /** First element of the shard's key range `[begin, end)`. */
  readonly begin: number;
  /** First element after the shard's key range. */
  readonly end: number;
  /** Of the whole model. */
  readonly numParameters: number;
  /** [end - begin] float32, all finite. */
  readonly parameters: Float32Array;
  readonly optimizer: {
    readonly name: string;
    /** State by slot, [end - begin] float32 each, all finite. */
    readonly slots: Readonly<Record<string, Float32Array>>;
  };
  /** Whatever the schedule needs to go on: a JSON value, kept as it is. */
  readonly ledger: unknown;
}

/** A snapshot that was read from disk. */
export interface Checkpoint extends Snapshot {
  /** The directory it came from. */
  readonly path: string;
}

/** A part of the flat parameter vector: elements `begin` up to `end - 1`. */
export interface KeyRange {
  readonly begin: number;
  readonly end: number;
}

/**
 * Says what speaks against a snapshot, or nothing: slices of another length
 * than the key range, numbers that are not finite.
 */
export function flawOf(snapshot: Snapshot): string | undefined {
  const { begin, end, numParameters } = snapshot;
  if (!(begin >= 0 && begin < end && end <= numParameters)) {
    return `key range: expected within 0 to ${numParameters}, got ${begin} to ${end}`;
  }
  for (const [name, slice] of slicesOf(snapshot)) {
    if (slice.length !== end - begin) {
      return `${name}: expected ${end - begin} elements, got ${slice.length}`;
    }
    const index = firstNonFinite(slice);
    if (index >= 0) {
      return `${name}: expected finite numbers, got ${String(slice[index])} at ${begin + index}`;
    }
  }
  return undefined;
}

/** Index of the first NaN or infinity, or -1. */
function firstNonFinite(slice: Float32Array): number {
  for (let i = 0; i < slice.length; i++) {
    const value = slice[i] as number;
    if (value - value !== 0) return i; // only these differ from themselves
  }
  return -1;
}

/** The slices of a snapshot under their names in the file. */
export function slicesOf({
  parameters,
  optimizer,
}: Snapshot): [name: string, slice: Float32Array][] {
  const slots = Object.entries(optimizer.slots);
  return [
    ['parameters', parameters],
    ...slots.map(([slot, slice]): [string, Float32Array] => [
      slotTensor(slot),
      slice,
    ]),
  ];
}

/** The name of a slot's tensor. */
export function slotTensor(slot: string): string {
  return `optimizer/${slot}`;
}

/** The part of a snapshot within a key range: views, nothing is copied. */
export function sliceSnapshot(
  snapshot: Snapshot,
  { begin, end }: KeyRange,
): Snapshot {
  const offset = snapshot.begin;
  const part = (all: Float32Array) =>
    all.subarray(begin - offset, end - offset);
  const { name, slots } = snapshot.optimizer;
  const parts = Object.entries(slots).map(([slot, all]) => [slot, part(all)]);
  return {
    ...snapshot,
    ...{ begin, end },
    parameters: part(snapshot.parameters),
    optimizer: {
      name,
      slots: Object.fromEntries(parts) as Record<string, Float32Array>,
    },
  };
}

/**
 * Puts slices together; all but the numbers is that of the first.
 *
 * @param slices - at least one, of one version, in the order of their ranges,
 *   without a gap, with the same slots.
 * @returns arrays of its own, or those of a single slice.
 */
export function joinSlices(
  slices: readonly [Checkpoint, ...Checkpoint[]],
): Checkpoint {
  const [first] = slices;
  if (slices.length === 1) return first;
  const { name, slots } = first.optimizer;
  const joined = Object.keys(slots).map((slot) => [
    slot,
    concatenate(slices.map(({ optimizer }) => optimizer.slots[slot] ?? [])),
  ]);
  return {
    ...first,
    end: slices.at(-1)?.end ?? first.end,
    parameters: concatenate(slices.map(({ parameters }) => parameters)),
    optimizer: {
      name,
      slots: Object.fromEntries(joined) as Record<string, Float32Array>,
    },
  };
}

function concatenate(parts: readonly ArrayLike<number>[]): Float32Array {
  const all = new Float32Array(
    parts.reduce((sum, { length }) => sum + length, 0),
  );
  let offset = 0;
  for (const part of parts) {
    all.set(part, offset);
    offset += part.length;
  }
  return all;
}
