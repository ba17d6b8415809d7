/**
 * What a network's probabilities say of each test example, and which of its
 * mistakes are worth a look. Pure.
 */

/** One test example that the network finds hard. */
export interface HardExample {
  /** In the test set. */
  readonly index: number;
  readonly label: number;
  /** The class of the greatest probability. */
  readonly answer: number;
  /** [numClasses]. */
  readonly probabilities: readonly number[];
}

/** A hard example with its picture. */
export interface TestMistake extends HardExample {
  /** Grey levels, uint8 [rows, columns]. Read only. */
  readonly image: Uint8Array;
}

/** What the network says of one example. */
export interface Answered extends Omit<HardExample, 'probabilities'> {
  /** float32 [numClasses], a view. */
  readonly row: Float32Array;
  /** Probability of the label. */
  readonly ofLabel: number;
}

/**
 * What a network says of each example, in their order.
 * @param probabilities float32 [count, numClasses].
 * @param labels uint8 [count].
 */
export function answersOf(
  probabilities: Float32Array,
  labels: Uint8Array,
): Answered[] {
  const numClasses =
    labels.length === 0 ? 0 : probabilities.length / labels.length;
  return Array.from(labels, (label, index) => {
    const begin = index * numClasses;
    const row = probabilities.subarray(begin, begin + numClasses);
    const answer = greatest(row);
    return { index, label, answer, row, ofLabel: row[label] ?? 0 };
  });
}

/** An example with its probabilities as a list of its own. */
export function hardExampleOf({
  index,
  label,
  answer,
  row,
}: Answered): HardExample {
  return { index, label, answer, probabilities: [...row] };
}

/**
 * The examples that the network takes for something else: those first of
 * whose answer it is surest. One whose probabilities are no numbers, as the
 * parameters have diverged, is none: nothing was answered.
 * @param probabilities float32 [count, numClasses].
 * @param labels uint8 [count].
 * @param most how many to name.
 */
export function surestMistakes(
  probabilities: Float32Array,
  labels: Uint8Array,
  most: number,
): HardExample[] {
  const wrong = answersOf(probabilities, labels).filter(
    ({ label, answer, row }) => label !== answer && row.every(Number.isFinite),
  );
  return surestOf(wrong.map(hardExampleOf), most);
}

/**
 * The first of some mistakes, ordered by the probability of the answer, the
 * greatest first, then by their place in the test set: of all the mistakes of
 * a test set these are the surest of the surest of its parts.
 * @param mistakes each index once; stays as it is.
 * @param most how many to give.
 */
export function surestOf<M extends HardExample>(
  mistakes: readonly M[],
  most: number,
): M[] {
  return [...mistakes].sort(bySurety).slice(0, most);
}

function bySurety(a: HardExample, b: HardExample): number {
  return sureness(b) - sureness(a) || a.index - b.index;
}

function sureness({ probabilities, answer }: HardExample): number {
  return probabilities[answer] ?? 0;
}

/** The first of the greatest. */
function greatest(row: Float32Array): number {
  let best = 0;
  row.forEach((value, i) => {
    if (value > (row[best] ?? 0)) best = i;
  });
  return best;
}
