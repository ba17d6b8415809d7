/**
 * What a network's probabilities on a test set come to: the confusion matrix,
 * and the examples that it finds hardest. Pure.
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

/** The figures of one evaluation. */
export interface TestFigures {
  readonly count: number;
  readonly correct: number;
  /** `confusion[label][answer]`: how many. [numClasses, numClasses]. */
  readonly confusion: readonly (readonly number[])[];
  /** Least probability of the label first. */
  readonly hardest: readonly HardExample[];
}

/**
 * Works them out.
 * @param probabilities float32 [count, numClasses].
 * @param labels uint8 [count].
 * @param numHardest how many examples to name.
 */
export function testFigures(
  probabilities: Float32Array,
  labels: Uint8Array,
  numHardest: number,
): TestFigures {
  const examples = examplesOf(probabilities, labels);
  const numClasses = examples[0]?.row.length ?? 0;
  const confusion = Array.from({ length: numClasses }, () =>
    Array.from({ length: numClasses }, () => 0),
  );
  for (const { label, answer } of examples) {
    const counts = confusion[label];
    if (counts !== undefined) counts[answer] = (counts[answer] ?? 0) + 1;
  }
  const hardest = [...examples]
    .sort((a, b) => a.ofLabel - b.ofLabel || a.index - b.index)
    .slice(0, numHardest);
  return {
    count: labels.length,
    correct: examples.filter(({ label, answer }) => label === answer).length,
    confusion,
    hardest: hardest.map(shown),
  };
}

/**
 * The examples that the network takes for something else: those first of
 * whose answer it is surest.
 * @param probabilities float32 [count, numClasses].
 * @param labels uint8 [count].
 * @param most how many to name.
 */
export function surestMistakes(
  probabilities: Float32Array,
  labels: Uint8Array,
  most: number,
): HardExample[] {
  return examplesOf(probabilities, labels)
    .filter(({ label, answer }) => label !== answer)
    .sort((a, b) => b.ofAnswer - a.ofAnswer || a.index - b.index)
    .slice(0, most)
    .map(shown);
}

/** One example with its row of probabilities, a view. */
interface Example extends Omit<HardExample, 'probabilities'> {
  readonly row: Float32Array;
  readonly ofLabel: number;
  readonly ofAnswer: number;
}

function examplesOf(
  probabilities: Float32Array,
  labels: Uint8Array,
): Example[] {
  const numClasses =
    labels.length === 0 ? 0 : probabilities.length / labels.length;
  return Array.from(labels, (label, index) => {
    const begin = index * numClasses;
    const row = probabilities.subarray(begin, begin + numClasses);
    const answer = greatest(row);
    const [ofLabel, ofAnswer] = [row[label] ?? 0, row[answer] ?? 0];
    return { index, label, answer, row, ofLabel, ofAnswer };
  });
}

function shown({ index, label, answer, row }: Example): HardExample {
  return { index, label, answer, probabilities: [...row] };
}

/** The first of the greatest. */
function greatest(row: Float32Array): number {
  let best = 0;
  row.forEach((value, i) => {
    if (value > (row[best] ?? 0)) best = i;
  });
  return best;
}
