import { describe, expect, it } from 'vitest';
import { imageAt, type Dataset, type Split } from './dataset.js';
import { syntheticDataset } from './synthetic-dataset.js';

const OPTIONS = {
  seed: 1,
  numTrain: 1000,
  numTest: 500,
  rows: 12,
  columns: 10,
  numClasses: 10,
};

/** Mean picture of each class. */
function classMeans({ train, numClasses }: Dataset): Float64Array[] {
  const pixels = train.images.length / train.count;
  const sums = Array.from(
    { length: numClasses },
    () => new Float64Array(pixels),
  );
  const counts = new Array<number>(numClasses).fill(0);
  train.labels.forEach((label, index) => {
    counts[label]! += 1;
    imageAt(train, index).forEach((value, i) => {
      sums[label]![i]! += value;
    });
  });
  return sums.map((sum, label) => sum.map((value) => value / counts[label]!));
}

/** Share of a split's pictures that are nearest to their own class's mean. */
function accuracy(split: Split, means: readonly Float64Array[]): number {
  let correct = 0;
  split.labels.forEach((label, index) => {
    const image = imageAt(split, index);
    const distances = means.map((mean) =>
      mean.reduce((sum, value, i) => sum + (value - image[i]!) ** 2, 0),
    );
    if (distances.indexOf(Math.min(...distances)) === label) correct += 1;
  });
  return correct / split.count;
}

describe('syntheticDataset', () => {
  it('has the shapes that were asked for, and every class its share', () => {
    const { train, test, ...rest } = syntheticDataset(OPTIONS);
    expect(rest).toMatchObject({ rows: 12, columns: 10, numClasses: 10 });
    expect(train.images).toHaveLength(1000 * 120);
    expect(test.images).toHaveLength(500 * 120);
    for (let label = 0; label < 10; label += 1) {
      expect(train.labels.filter((x) => x === label)).toHaveLength(100);
      expect(test.labels.filter((x) => x === label)).toHaveLength(50);
    }
  });

  it('is made by its seed alone', () => {
    const dataset = syntheticDataset(OPTIONS);
    expect(syntheticDataset(OPTIONS)).toEqual(dataset);
    const other = syntheticDataset({ ...OPTIONS, seed: 2 });
    expect(other.fingerprint).not.toBe(dataset.fingerprint);
    expect(imageAt(dataset.test, 0)).not.toEqual(imageAt(dataset.train, 0));
  });

  it('can be learned: class means of one half tell the other', () => {
    const dataset = syntheticDataset(OPTIONS);
    const means = classMeans(dataset);
    expect(accuracy(dataset.test, means)).toBeGreaterThan(0.99);
  });

  it('is not told by chance: means of another seed do not help', () => {
    const { test } = syntheticDataset(OPTIONS);
    const means = classMeans(syntheticDataset({ ...OPTIONS, seed: 2 }));
    expect(accuracy(test, means)).toBeLessThan(0.5);
  });

  it('refuses sizes that cannot hold every class', () => {
    expect(() => syntheticDataset({ ...OPTIONS, numTrain: 9 })).toThrow(
      'numTrain: expected a whole number from 10 to 10000000, got 9',
    );
    expect(() => syntheticDataset({ ...OPTIONS, rows: 3 })).toThrow(
      'rows: expected a whole number from 4 to 1024, got 3',
    );
  });
});
