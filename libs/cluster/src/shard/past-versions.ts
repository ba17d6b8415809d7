/**
 * The last few versions of a slice: what other servers may still need when
 * one of them has to do a step again.
 */

interface PastVersion {
  readonly version: number;
  /** float32 `[end - begin]`. */
  readonly slice: Float32Array;
}

/** A ring of copies; its buffers are used over and over. */
export class PastVersions {
  readonly #size: number;
  /** Oldest first. */
  #kept: PastVersion[] = [];

  /** @param size versions that are kept; 0 keeps none. */
  constructor(size: number) {
    this.#size = size;
  }

  /** The oldest one that is there. */
  get oldest(): number | undefined {
    return this.#kept[0]?.version;
  }

  /**
   * Copies a version; the oldest one makes room for it.
   * @param parameters float32 `[end - begin]`, as long each time; only read.
   */
  keep(version: number, parameters: Float32Array): void {
    if (this.#size === 0) return;
    const isFull = this.#kept.length === this.#size;
    const [first, ...rest] = this.#kept;
    const slice =
      isFull && first ? first.slice : new Float32Array(parameters.length);
    slice.set(parameters);
    const others = isFull ? rest : this.#kept;
    this.#kept = [...others, { version, slice }];
  }

  /** The slice of a version; a live view, valid until it makes room. */
  get(version: number): Float32Array | undefined {
    return this.#kept.find((one) => one.version === version)?.slice;
  }
}
