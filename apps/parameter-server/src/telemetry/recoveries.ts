/**
 * How long training took to go on after somebody was lost. Pure: time is an
 * argument, in monotone milliseconds.
 *
 * ```
 *  last sign of life      noticed        the first step applied again
 *          |-----------------|----------------------|
 *          |<-------------- the recovery ---------->|
 * ```
 */
import type { RecoveryKind } from '@muster/telemetry';

/** One recovery that has come to its end. */
export interface Recovery {
  readonly kind: RecoveryKind;
  readonly seconds: number;
}

/** See the head of this file. */
export class Recoveries {
  #open: { readonly kind: RecoveryKind; readonly sinceMs: number }[] = [];

  /** Somebody is lost who was needed; heard of last at `sinceMs`. */
  lost(kind: RecoveryKind, sinceMs: number): void {
    this.#open.push({ kind, sinceMs });
  }

  /** A step was applied: gives the recoveries that it ends. */
  applied(nowMs: number): Recovery[] {
    if (this.#open.length === 0) return [];
    const ended = this.#open.map(({ kind, sinceMs }) => ({
      kind,
      seconds: Math.max(0, nowMs - sinceMs) / 1000,
    }));
    this.#open = [];
    return ended;
  }
}
