/**
 * What the view is told of a training.
 */

/** Where training stands; told many times a second. */
export interface ProgressEvent {
  /** Steps applied so far. */
  readonly step: number;
  /** Steps at the run's end. */
  readonly totalSteps: number;
  /** From 1. */
  readonly epoch: number;
  readonly epochs: number;
  /** Mean over the examples of the last step or steps. */
  readonly loss: number;
  /** 0 to 1, of the same examples. */
  readonly accuracy: number;
  readonly imagesPerSecond: number;
  /** Workers that are there. */
  readonly workers: number;
}

/** What an epoch came to; told once an epoch. */
export interface EpochEvent {
  /** From 1. */
  readonly epoch: number;
  readonly trainLoss: number;
  /** 0 to 1. */
  readonly trainAccuracy: number;
  readonly testLoss: number;
  /** 0 to 1. */
  readonly testAccuracy: number;
  /** That the epoch took. */
  readonly seconds: number;
}

/** The part of a stream that the view writes to: `process.stdout` is one. */
export interface Output {
  /** Whether a line can be rewritten. */
  readonly isTTY?: boolean | undefined;
  /** Width of the terminal in characters; read at every line. */
  readonly columns?: number | undefined;
  write(text: string): unknown;
}
