/**
 * How many of something came lately, a second. Pure: time is passed in.
 */

/** Width of a bucket, and how many are looked at. Milliseconds. */
const BUCKET_MS = 500;
const NUM_BUCKETS = 10;

/** Counts in buckets of time: an addition, however much comes. */
export class RecentCount {
  readonly #counts = new Float64Array(NUM_BUCKETS + 1);
  #newest = -Infinity;
  #firstMs: number | undefined;

  /** Counts `count` at a time, which is not before an earlier one's. */
  add(count: number, nowMs: number): void {
    this.#firstMs ??= nowMs;
    this.#turn(nowMs);
    const index = this.#newest % this.#counts.length;
    this.#counts[index] = (this.#counts[index] ?? 0) + count;
  }

  /** Mean over the last five seconds, or since the first one was counted. */
  perSecond(nowMs: number): number {
    if (this.#firstMs === undefined) return 0;
    this.#turn(nowMs);
    const sum = this.#counts.reduce((a, b) => a + b, 0);
    const inNewestMs = nowMs - this.#newest * BUCKET_MS;
    const windowMs = NUM_BUCKETS * BUCKET_MS + inNewestMs;
    const sinceMs = Math.min(windowMs, nowMs - this.#firstMs);
    return (sum * 1000) / Math.max(sinceMs, BUCKET_MS);
  }

  /** Empties the buckets of times that are too long ago. */
  #turn(nowMs: number): void {
    const bucket = Math.floor(nowMs / BUCKET_MS);
    const { length } = this.#counts;
    const first = Math.max(this.#newest + 1, bucket - length + 1);
    for (let one = first; one <= bucket; one++) this.#counts[one % length] = 0;
    this.#newest = Math.max(this.#newest, bucket);
  }
}
