/**
 * What a network's probabilities on a test set come to: the confusion matrix,
 * and the examples that it finds hardest. Pure.
 */
import { answersOf, hardExampleOf } from '@muster/data';
import type { HardExample } from '@muster/data';

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
  const examples = answersOf(probabilities, labels);
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
    hardest: hardest.map(hardExampleOf),
  };
}
