/** What a data set is, once it is in memory. */

/** One half of a data set: pictures and what they show. */
export interface Split {
  /**
   * Grey levels, uint8 `[count, rows, columns]`, 0 (background) to 255 (ink).
   * A view over the file's bytes: read only.
   */
  readonly images: Uint8Array;
  /** Classes, uint8 `[count]`, each below `numClasses`. A view: read only. */
  readonly labels: Uint8Array;
  /** Number of pictures, at least 1. */
  readonly count: number;
}

/** Pictures of one size in two halves, training and test. */
export interface Dataset {
  /** `mnist`, the prefix of the files' names, or the folder's name. */
  readonly name: string;
  /** Where the files lie; empty for a set that was made in memory. */
  readonly directory: string;
  /** Height of every picture in pixels. */
  readonly rows: number;
  /** Width of every picture in pixels. */
  readonly columns: number;
  /** Values a pixel: grey pictures only. */
  readonly channels: 1;
  /** Highest label of both halves plus one, or what the caller asked for. */
  readonly numClasses: number;
  readonly train: Split;
  readonly test: Split;
  /** SHA-256 in hex over the four unpacked files; see `fingerprintOf`. */
  readonly fingerprint: string;
}

/** A half of a data set that is given by the caller. */
export interface SplitInput {
  /** Grey levels, uint8 `[count, rows, columns]`. Not copied. */
  readonly images: Uint8Array;
  /** Classes, uint8 `[count]`. Not copied. */
  readonly labels: Uint8Array;
}

/** Both halves as a caller gives them, with the pictures' size in pixels. */
export interface DatasetInput {
  readonly train: SplitInput;
  readonly test: SplitInput;
  readonly rows: number;
  readonly columns: number;
}

/** Cuts one picture out of a split: uint8 `[rows, columns]`, a view. */
export function imageAt({ images, count }: Split, index: number): Uint8Array {
  const pixels = images.length / count;
  return images.subarray(index * pixels, (index + 1) * pixels);
}
