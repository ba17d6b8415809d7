/**
 * How long signs of life take there and back. Pure: time is an argument, in
 * monotone milliseconds.
 */

/** Unanswered signs of life that are remembered. */
const MOST_OPEN = 64;

/** See the head of this file. */
export class RoundTrips {
  readonly #sentAtMs = new Map<number, number>();

  /** One has left. */
  sent(sequence: number, nowMs: number): void {
    this.#sentAtMs.set(sequence, nowMs);
    if (this.#sentAtMs.size <= MOST_OPEN) return;
    const [oldest] = this.#sentAtMs.keys();
    if (oldest !== undefined) this.#sentAtMs.delete(oldest);
  }

  /** Its echo has come: gives how long that took, if its leaving is known. */
  echoed(sequence: number, nowMs: number): number | undefined {
    const sentAtMs = this.#sentAtMs.get(sequence);
    this.#sentAtMs.delete(sequence);
    return sentAtMs === undefined ? undefined : nowMs - sentAtMs;
  }
}
