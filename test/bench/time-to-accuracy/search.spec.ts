import { describe, expect, it } from 'vitest';
import { search } from './search.js';
import type { Point, Setting } from './search.js';

const goal = { accuracy: 0.985, seeds: [1, 2, 3] };

/** A setting whose training is told, and the trainings that were asked for. */
function told(
  lengths: readonly number[],
  points: (epochs: number, seed: number) => readonly Point[],
) {
  const asked: [epochs: number, seed: number][] = [];
  const setting: Setting = {
    ...{ who: 'somebody', name: 'some way', lengths },
    train: async (epochs, seed) => {
      asked.push([epochs, seed]);
      return points(epochs, seed);
    },
  };
  return { setting, asked };
}

describe('search', () => {
  it('takes the first length whose mean is high enough', async () => {
    // by seed at 4 epochs: 98.45, 98.50, 98.55; their mean is 98.50
    const { setting, asked } = told([3, 4, 5], (epoch, seed) => [
      {
        epoch,
        seconds: epoch * 7,
        accuracy: epoch < 4 ? 0.97 : 0.984 + seed / 2000,
      },
    ]);
    const { points, verdict } = await search(setting, goal, Infinity);
    expect(verdict).toBe('reached');
    expect(points.map(({ epoch }) => epoch)).toEqual([4, 4, 4]);
    expect(points.map(({ seconds }) => seconds)).toEqual([28, 28, 28]);
    // 3 epochs are given up with the first seed, 5 are not tried
    expect(asked).toEqual([
      [3, 1],
      [4, 1],
      [4, 2],
      [4, 3],
    ]);
  });

  it("takes the first epoch that counts, not a seed's own", async () => {
    const accuracies: Record<number, number[]> = {
      1: [0.97, 0.9851, 0.986],
      2: [0.97, 0.984, 0.985],
      3: [0.97, 0.9845, 0.987],
    };
    const { setting } = told([3], (_, seed) =>
      (accuracies[seed] ?? []).map((accuracy, i) => ({
        ...{ epoch: i + 1, seconds: 10 * (i + 1), accuracy },
      })),
    );
    const { points } = await search(setting, goal, Infinity);
    expect(points.map(({ epoch }) => epoch)).toEqual([3, 3, 3]);
    expect(points.map(({ accuracy }) => accuracy)).toEqual([
      0.986, 0.985, 0.987,
    ]);
  });

  it('goes on while the mean may still come to it', async () => {
    // below by 0.0010: 0.0016 are allowed to one seed, 0.0011 to two, 0.0009
    // to three
    const { setting, asked } = told([3], (epoch) => [
      { epoch, seconds: 20, accuracy: 0.984 },
    ]);
    const { points, verdict } = await search(setting, goal, Infinity);
    expect(points).toEqual([]);
    expect(verdict).toBe('3 epochs: 98.40 % with 3 seeds');
    expect(asked).toHaveLength(3);
  });

  it('gives up what is much slower than the best', async () => {
    const { setting, asked } = told([3, 4], (epoch) => [
      { epoch, seconds: epoch * 10, accuracy: 0.99 },
    ]);
    // 30 s are more than 1.15 times 26 s, and not more than 1.15 times 26.1 s
    const { points, verdict } = await search(setting, goal, 26);
    expect(points).toEqual([]);
    expect(verdict).toBe('slower: 30.0 s with seed 1');
    expect(asked).toEqual([[3, 1]]);
    expect((await search(setting, goal, 26.1)).verdict).toBe('reached');
  });
});
