import { describe, expect, it } from 'vitest';
import { explore } from './explore.js';
import { loadDataset } from './load-dataset.js';
import { syntheticDataset } from './synthetic-dataset.js';

const SMALL = syntheticDataset({
  seed: 3,
  numTrain: 30,
  numTest: 20,
  rows: 6,
  columns: 8,
  numClasses: 5,
});

describe('explore', () => {
  it("shows the notebook's cells on MNIST", async () => {
    const { arrays, label, picture, imagesPerClass, text } = explore(
      await loadDataset(),
    );
    expect(arrays[0]).toEqual({
      name: 'x_train',
      shape: [60_000, 28, 28],
      dtype: 'uint8',
    });
    expect(label).toEqual({ index: 7777, value: 8 });
    expect(picture).toMatchObject({ index: 5014, label: 7 });
    // The counts that the literature gives for MNIST.
    expect(imagesPerClass.train).toEqual([
      5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949,
    ]);
    expect(imagesPerClass.test).toEqual([
      980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009,
    ]);
    expect(text).toContain('x_train.shape (60000, 28, 28) uint8\n');
    expect(text).toContain('y_test.shape (10000,) uint8\n');
    expect(text).toContain('y_train[7777] is 8\n');
    expect(text).toContain('x_train[5014], a picture of class 7:\n');
    expect(text).toContain('\n    all  60000  10000');
  });

  it('looks at another example when asked, for label and picture', () => {
    const { label, picture } = explore(SMALL, { index: 4 });
    const value = SMALL.train.labels[4]!;
    expect(label).toEqual({ index: 4, value });
    expect(picture).toEqual({
      index: 4,
      label: value,
      image: SMALL.train.images.subarray(4 * 48, 5 * 48),
    });
  });

  it('takes the last example where the set is smaller than the notebook', () => {
    const { label, picture } = explore(SMALL);
    expect([label.index, picture.index]).toEqual([29, 29]);
  });

  it('prints escape sequences only when the terminal knows them', () => {
    expect(explore(SMALL).text).toMatch(/^[\n -~]+$/);
    expect(explore(SMALL, { colors: 'ansi256' }).text).toContain(
      '\u001b[38;5;',
    );
  });

  it('counts classes that have no picture', () => {
    const { imagesPerClass, text } = explore({ ...SMALL, numClasses: 6 });
    expect(imagesPerClass.train).toEqual([6, 6, 6, 6, 6, 0]);
    expect(imagesPerClass.test).toEqual([4, 4, 4, 4, 4, 0]);
    expect(text).toContain('\n      5      0      0\n    all     30     20');
  });

  it.each([-1, 30, 1.5])('refuses the index %d', (index) => {
    expect(() => explore(SMALL, { index })).toThrow(
      expect.objectContaining({
        code: 'ERR_CONFIG',
        message: `--index: expected a whole number from 0 to 29, got ${index}`,
      }),
    );
  });
});
