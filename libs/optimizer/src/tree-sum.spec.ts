import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { javascriptKernels } from './kernels/javascript-kernels.js';
import { TreeSum, type Contribution, type TreeSumOptions } from './tree-sum.js';

const MAX_LEAVES = 17;

interface Run {
  readonly first: number;
  readonly length: number;
}

// Zeros of both signs, denormals and values near overflow come often.
const element = fc.oneof(
  fc.float({ noNaN: true, noDefaultInfinity: true }),
  fc.constantFrom(
    -0,
    0,
    2 ** -149,
    -(2 ** -149),
    2 ** -126,
    2 ** 127,
    -(2 ** 127),
  ),
);

const leaf: fc.Arbitrary<Contribution> = fc.record({
  slice: fc.tuple(element, element, element).map((v) => Float32Array.from(v)),
  count: fc.integer({ min: 0, max: 256 }),
  lossSum: fc.double({ min: -1e9, max: 1e9, noNaN: true }),
  correct: fc.integer({ min: 0, max: 256 }),
});

const leaves = fc.array(leaf, { minLength: 1, maxLength: MAX_LEAVES });

function copyOf(contribution: Contribution): Contribution {
  return { ...contribution, slice: contribution.slice.slice() };
}

type Round = NonNullable<TreeSumOptions['round']>;

const asItIs: Round = () => undefined;
const toBfloat16: Round = (slice) => {
  javascriptKernels.roundToBfloat16(slice);
};

/** The definition, word for word: node `index` of `level`, or nothing. */
function node(
  all: readonly Contribution[],
  level: number,
  index: number,
  round: Round,
): Contribution | undefined {
  if (level === 0) return all[index];
  const left = node(all, level - 1, 2 * index, round);
  const right = node(all, level - 1, 2 * index + 1, round);
  if (left === undefined || right === undefined) return left;
  const sum = left.slice.map((value, i) =>
    Math.fround(value + right.slice[i]!),
  );
  round(sum);
  return {
    slice: sum,
    count: left.count + right.count,
    lossSum: left.lossSum + right.lossSum,
    correct: left.correct + right.correct,
  };
}

function definition(
  all: readonly Contribution[],
  round = asItIs,
): Contribution {
  return node(all, 5, 0, round)!; // 2^5 leaves are more than 17
}

/** Cuts the node of `width` at `first` into nodes; `cut` decides at each. */
function partition(
  numLeaves: number,
  { first, length: width }: Run,
  cut: () => boolean,
): Run[] {
  if (first >= numLeaves) return [];
  if (width === 1 || !cut()) {
    return [{ first, length: Math.min(width, numLeaves - first) }];
  }
  const half = width / 2;
  return [
    ...partition(numLeaves, { first, length: half }, cut),
    ...partition(numLeaves, { first: first + half, length: half }, cut),
  ];
}

function shuffled<T>(items: readonly T[], draw: () => number): T[] {
  return items
    .map((item) => ({ item, key: draw() }))
    .sort((a, b) => a.key - b.key)
    .map(({ item }) => item);
}

/** Sums one run in a tree of its own, its leaves in any order. */
function sumRun(
  all: readonly Contribution[],
  { first, length }: Run,
  draw: () => number,
  round: Round,
): Contribution {
  const tree = new TreeSum(length, { round });
  const positions = shuffled([...Array(length).keys()], draw);
  for (const i of positions) tree.add(i, 1, copyOf(all[first + i]!));
  return tree.takeRoot();
}

function contribution(...values: number[]): Contribution {
  return {
    slice: Float32Array.from(values),
    count: 1,
    lossSum: 1,
    correct: 0,
  };
}

describe('TreeSum', () => {
  it.each([
    ['as they are', asItIs],
    ['rounded to bfloat16', toBfloat16],
  ])(
    'gives the definition, bit for bit, for any runs in any order: nodes %s',
    (_, round) => {
      fc.assert(
        fc.property(leaves, fc.infiniteStream(fc.nat(1000)), (all, stream) => {
          for (const { slice } of all) round(slice);
          const draw = (): number => stream.next().value as number;
          const whole = { first: 0, length: 32 };
          const runs = partition(all.length, whole, () => draw() % 3 > 0);
          const tree = new TreeSum(all.length, { round });
          for (const run of shuffled(runs, draw)) {
            tree.add(run.first, run.length, sumRun(all, run, draw, round));
          }
          expect(tree.isFull).toBe(true);
          // toEqual tells -0 from 0 in typed arrays and takes NaN as NaN.
          expect(tree.takeRoot()).toEqual(definition(all, round));
        }),
        { numRuns: 400 },
      );
    },
  );

  it('rounds each node that is joined, and no other', () => {
    // bfloat16 has steps of 2 from 256 on; halfway goes to the even one
    const tree = new TreeSum(3, { round: toBfloat16 });
    tree.add(0, 1, contribution(256));
    tree.add(1, 1, contribution(1));
    // 257 -> 256, where in float32 257 + 1.5 = 258.5 would be left
    tree.add(2, 1, contribution(1.5));
    // 257.5 -> 258
    expect([...tree.takeRoot().slice]).toEqual([258]);
    const alone = new TreeSum(1, { round: toBfloat16 });
    alone.add(0, 1, contribution(257));
    expect([...alone.takeRoot().slice]).toEqual([257]);
  });

  it('gives the same for every number of leaves and every rotation', () => {
    for (let n = 1; n <= MAX_LEAVES; n++) {
      const all = Array.from({ length: n }, (_, i) =>
        contribution(2 ** (i * 3) + 1, -0, 1 / (i + 1)),
      );
      for (let start = 0; start < n; start++) {
        const tree = new TreeSum(n);
        for (let i = 0; i < n; i++) {
          const position = (start + i) % n;
          tree.add(position, 1, copyOf(all[position]!));
        }
        expect(tree.takeRoot()).toEqual(definition(all));
      }
    }
  });

  it('is not the running sum: 1 + 1 is kept beside 2^24', () => {
    // Running: 2^24 + 1 -> 2^24 (tie to even), three times. Tree: 2^24 + 2.
    const tree = new TreeSum(4);
    [2 ** 24, 1, 1, 1].forEach((value, i) => {
      tree.add(i, 1, contribution(value));
    });
    expect([...tree.takeRoot().slice]).toEqual([2 ** 24 + 2]);
  });

  it('adds loss sums in the same order', () => {
    // In float64 2^53 + 1 -> 2^53, but (1 + 1) is kept.
    const tree = new TreeSum(4);
    [1, 1, 1, 2 ** 53].forEach((lossSum, i) => {
      tree.add(3 - i, 1, { ...contribution(0), lossSum });
    });
    expect(tree.takeRoot().lossSum).toBe(2 ** 53 + 2);
  });

  it('joins at once, in one of the two buffers, and recycles the other', () => {
    const recycled: Float32Array[] = [];
    const tree = new TreeSum(2, { recycle: (slice) => recycled.push(slice) });
    const left = contribution(1);
    const right = contribution(2);
    tree.add(1, 1, right);
    expect(recycled).toEqual([]);
    tree.add(0, 1, left);
    expect(recycled).toHaveLength(1);
    const root = tree.takeRoot();
    expect([left.slice, right.slice]).toContain(root.slice);
    expect(recycled[0]).not.toBe(root.slice);
    expect([...root.slice]).toEqual([3]);
  });
});

describe('TreeSum.isAligned', () => {
  it('is true for exactly the nodes of the tree', () => {
    for (let n = 1; n <= MAX_LEAVES; n++) {
      const nodes = new Set<string>();
      for (let width = 1; width < 2 * MAX_LEAVES; width *= 2) {
        for (let first = 0; first < n; first += width) {
          nodes.add(`${first}+${Math.min(width, n - first)}`);
        }
      }
      for (let first = -1; first <= n; first++) {
        for (let length = 0; length <= n + 1; length++) {
          const expected = nodes.has(`${first}+${length}`);
          expect(TreeSum.isAligned(first, length, n)).toBe(expected);
        }
      }
    }
  });

  it('is false for what are no whole numbers', () => {
    expect(TreeSum.isAligned(0.5, 1, 4)).toBe(false);
    expect(TreeSum.isAligned(0, Number.NaN, 4)).toBe(false);
  });
});

describe('TreeSum refuses', () => {
  it('a run that is not aligned, and is as before', () => {
    const tree = new TreeSum(8);
    const message =
      'tree sum: expected an aligned run within 8 leaves, got 2 from leaf 1';
    expect(() => tree.add(1, 2, contribution(1))).toThrow(
      new RangeError(message),
    );
    expect(tree.leavesIn).toBe(0);
    expect(tree.covers(0, 8)).toBe('none');
  });

  it('a leaf that is already in, alone or in a larger run', () => {
    const tree = new TreeSum(4);
    tree.add(2, 1, contribution(1));
    for (const [first, length] of [
      [2, 1],
      [2, 2],
      [0, 4],
    ] as const) {
      expect(() => tree.add(first, length, contribution(9))).toThrow(
        `tree sum: leaves [${first}, ${first + length}) are already in`,
      );
    }
    expect(tree.leavesIn).toBe(1);
  });

  it('a slice of another length, and is as before', () => {
    const tree = new TreeSum(2);
    tree.add(0, 1, contribution(1, 2));
    expect(() => tree.add(1, 1, contribution(1))).toThrow(
      new RangeError('tree sum: expected slices of 2 elements, got 1'),
    );
    expect(tree.covers(1, 1)).toBe('none');
    tree.add(1, 1, contribution(1, 1));
    expect([...tree.takeRoot().slice]).toEqual([2, 3]);
  });

  it('to give the root early, or twice', () => {
    const tree = new TreeSum(2);
    tree.add(1, 1, contribution(1));
    expect(() => tree.takeRoot()).toThrow('tree sum: expected 2 leaves, got 1');
    tree.add(0, 1, contribution(1));
    tree.takeRoot();
    expect(() => tree.takeRoot()).toThrow('tree sum: root taken before');
    expect(() => tree.add(0, 2, contribution(1))).toThrow('already in');
  });

  it.each([0, -1, 1.5, Number.NaN, 2 ** 24 + 1])('%d leaves', (numLeaves) => {
    expect(() => new TreeSum(numLeaves)).toThrow(RangeError);
  });
});

describe('TreeSum.covers', () => {
  it('tells none, some and all, also once the root is taken', () => {
    const tree = new TreeSum(4);
    tree.add(0, 2, contribution(1));
    expect(tree.covers(0, 1)).toBe('all');
    expect(tree.covers(0, 2)).toBe('all');
    expect(tree.covers(1, 2)).toBe('some');
    expect(tree.covers(0, 4)).toBe('some');
    expect(tree.covers(2, 2)).toBe('none');
    expect(tree.isFull).toBe(false);
    tree.add(2, 2, contribution(1));
    tree.takeRoot();
    expect(tree.covers(0, 4)).toBe('all');
    expect(tree.leavesIn).toBe(4);
    expect(tree.isFull).toBe(true);
  });

  it('refuses what is not within the step', () => {
    const tree = new TreeSum(4);
    expect(() => tree.covers(3, 2)).toThrow(RangeError);
    expect(() => tree.covers(0, 0)).toThrow(RangeError);
  });
});
