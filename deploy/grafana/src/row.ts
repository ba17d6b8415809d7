/** A heading with the panels below it. */
import type { Figure } from './figure.js';

/** See the head of this file. */
export interface Row {
  readonly title: string;
  /** From left to right, 24 columns a line; lines must be full. */
  readonly figures: readonly Figure[];
  /** Closed until somebody opens it; its panels ask nothing before that. */
  readonly isClosed?: boolean;
}
