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
  const numClasses =
    labels.length === 0 ? 0 : probabilities.length / labels.length;
  const confusion = Array.from({ length: numClasses }, () =>
    Array.from({ length: numClasses }, () => 0),
  );
  const examples = Array.from(labels, (label, index) => {
    const row = probabilities.subarray(
      index * numClasses,
      (index + 1) * numClasses,
    );
    const answer = greatest(row);
    const counts = confusion[label];
    if (counts !== undefined) counts[answer] = (counts[answer] ?? 0) + 1;
    return { index, label, answer, row, ofLabel: row[label] ?? 0 };
  });
  const hardest = [...examples]
    .sort((a, b) => a.ofLabel - b.ofLabel || a.index - b.index)
    .slice(0, numHardest);
  return {
    count: labels.length,
    correct: examples.filter(({ label, answer }) => label === answer).length,
    confusion,
    hardest: hardest.map(({ index, label, answer, row }) => ({
      ...{ index, label, answer },
      probabilities: [...row],
    })),
  };
}

/** The first of the greatest. */
function greatest(row: Float32Array): number {
  let best = 0;
  row.forEach((value, i) => {
    if (value > (row[best] ?? 0)) best = i;
  });
  return best;
}
