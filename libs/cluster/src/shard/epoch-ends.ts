/**
 * The ends of the last two epochs: the last one is evaluated while training
 * goes on, and may be so when the next one is made.
 */

/** Epochs of which the end is kept. */
const NUM_KEPT = 2;

/** Slices of the parameters by version; kept as they were given. */
export class EpochEnds {
  readonly #slices = new Map<number, Float32Array>();

  /** By version, at most two: float32 `[end - begin]` each, live views. */
  get slices(): ReadonlyMap<number, Float32Array> {
    return this.#slices;
  }

  /**
   * Keeps the slice of an epoch's end; of three, the oldest is given up.
   * @param slice float32 `[end - begin]`; owned from now on.
   */
  keep(version: number, slice: Float32Array): void {
    this.#slices.set(version, slice);
    const oldest = Math.min(...this.#slices.keys());
    if (this.#slices.size > NUM_KEPT) this.#slices.delete(oldest);
  }

  /** The slice of a version, as {@link slices}, if it is a kept one. */
  get(version: number): Float32Array | undefined {
    return this.#slices.get(version);
  }
}
