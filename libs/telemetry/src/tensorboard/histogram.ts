/**
 * How many values lie where, in buckets of equal width.
 */

/** A histogram as TensorBoard takes it. */
export interface Histogram {
  readonly min: number;
  readonly max: number;
  readonly count: number;
  readonly sum: number;
  readonly sumOfSquares: number;
  /** Upper ends of the buckets, ascending. */
  readonly limits: readonly number[];
  /** Values in each bucket. */
  readonly counts: readonly number[];
}

/** As many as Keras's callback has. */
const NUM_BUCKETS = 30;
/** Values that are looked at without a pause: about half a millisecond. */
const PIECE = 65_536;

/**
 * Counts values; those that are no finite numbers are passed over. Waits
 * between pieces, so that an event loop gets its turn.
 * @param values are not changed, and must not be while this goes on.
 */
export async function histogramOf(
  values: Float32Array,
  pause: () => Promise<void>,
): Promise<Histogram> {
  let [min, max, count, sum, sumOfSquares] = [Infinity, -Infinity, 0, 0, 0];
  for (const piece of piecesOf(values)) {
    for (const value of piece) {
      if (!Number.isFinite(value)) continue;
      if (value < min) min = value;
      if (value > max) max = value;
      count += 1;
      sum += value;
      sumOfSquares += value * value;
    }
    await pause();
  }
  const figures = { min, max, count, sum, sumOfSquares };
  if (count === 0)
    return { ...figures, min: 0, max: 0, limits: [], counts: [] };
  if (min === max) return { ...figures, limits: [max], counts: [count] };
  const counts = new Float64Array(NUM_BUCKETS);
  const scale = NUM_BUCKETS / (max - min);
  for (const piece of piecesOf(values)) {
    for (const value of piece) {
      if (!Number.isFinite(value)) continue;
      const bucket = Math.min(
        NUM_BUCKETS - 1,
        Math.floor((value - min) * scale),
      );
      counts[bucket] = (counts[bucket] ?? 0) + 1;
    }
    await pause();
  }
  const width = (max - min) / NUM_BUCKETS;
  const limits = Array.from(counts, (_, i) =>
    i === NUM_BUCKETS - 1 ? max : min + (i + 1) * width,
  );
  return { ...figures, limits, counts: [...counts] };
}

function* piecesOf(values: Float32Array): Generator<Float32Array> {
  for (let begin = 0; begin < values.length; begin += PIECE) {
    yield values.subarray(begin, begin + PIECE);
  }
}
