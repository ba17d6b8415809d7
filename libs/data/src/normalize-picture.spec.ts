import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { imageAt, type Dataset } from './dataset.js';
import { loadDataset } from './load-dataset.js';
import { normalizePicture } from './normalize-picture.js';

const SIDE = 28;

let mnist: Dataset;

beforeAll(async () => {
  mnist = await loadDataset();
});

interface Sheet {
  readonly width: number;
  readonly height: number;
  readonly paper: number;
  readonly ink: number;
}

/** Draws a 28 x 28 image on a sheet, each pixel a square of `scale` pixels. */
function drawOn(
  { width, height, paper, ink }: Sheet,
  image: Uint8Array,
  [left, top, scale]: readonly [number, number, number],
): Uint8Array {
  const sheet = new Uint8Array(width * height).fill(paper);
  for (let row = 0; row < SIDE * scale; row += 1) {
    for (let column = 0; column < SIDE * scale; column += 1) {
      const value =
        image[Math.floor(row / scale) * SIDE + Math.floor(column / scale)]!;
      sheet[(top + row) * width + left + column] = Math.round(
        paper + ((ink - paper) * value) / 255,
      );
    }
  }
  return sheet;
}

/** Mean absolute difference of two images in grey levels. */
const difference = (a: Uint8Array, b: Uint8Array): number =>
  a.reduce((sum, value, i) => sum + Math.abs(value - b[i]!), 0) / a.length;

/** Length of the box that holds all strokes, and the centre of mass. */
function measure(image: Uint8Array, columns: number) {
  let [total, x, y] = [0, 0, 0];
  const strokes: [number, number][] = [];
  image.forEach((value, at) => {
    const column = at % columns;
    const row = Math.floor(at / columns);
    total += value;
    x += value * (column + 0.5);
    y += value * (row + 0.5);
    if (value >= 51) strokes.push([column, row]);
  });
  const lengthOf = (axis: 0 | 1): number => {
    const positions = strokes.map((position) => position[axis]);
    return Math.max(...positions) - Math.min(...positions) + 1;
  };
  return {
    box: Math.max(lengthOf(0), lengthOf(1)),
    x: x / total,
    y: y / total,
  };
}

describe('normalizePicture', () => {
  it("keeps the test set's own pictures but for the stretch to 255", () => {
    for (let index = 0; index < 300; index += 1) {
      const image = imageAt(mnist.test, index);
      const strongest = image.reduce((most, value) => Math.max(most, value));
      const stretched = image.map((value) =>
        Math.round((value * 255) / strongest),
      );
      const result = normalizePicture(image, SIDE, SIDE, SIDE, SIDE);
      expect(difference(result, stretched)).toBeLessThan(0.01);
    }
  });

  it('gives the same for dark on light as for light on dark', () => {
    for (let index = 0; index < 100; index += 1) {
      const image = imageAt(mnist.test, index);
      const negative = image.map((value) => 255 - value);
      expect(normalizePicture(negative, SIDE, SIDE, SIDE, SIDE)).toEqual(
        normalizePicture(image, SIDE, SIDE, SIDE, SIDE),
      );
    }
  });

  it('finds a digit of any size, anywhere on a sheet of any grey', () => {
    const greys = fc.constantFrom([230, 40], [255, 0], [10, 200], [120, 20]);
    fc.assert(
      fc.property(
        fc.nat({ max: 200 }),
        fc.integer({ min: 2, max: 6 }),
        fc.nat({ max: 120 }),
        greys,
        (index, scale, shift, grey) => {
          const [paper = 0, ink = 0] = grey;
          const sheet = { width: 300, height: 310, paper, ink };
          const place = [shift, 130 - shift, scale] as const;
          const image = imageAt(mnist.test, index);
          const drawn = drawOn(sheet, image, place);
          const result = normalizePicture(drawn, 300, 310, SIDE, SIDE);
          // A weak stroke below the grain can move the box by a pixel: mean
          // differences are 0.2 as a rule; unrelated digits differ by 60.
          expect(difference(result, image)).toBeLessThan(30);
          const { box, x, y } = measure(result, SIDE);
          expect(box).toBeGreaterThanOrEqual(19);
          expect(box).toBeLessThanOrEqual(20);
          expect(Math.abs(x - 14.5)).toBeLessThanOrEqual(1);
          expect(Math.abs(y - 14.5)).toBeLessThanOrEqual(1);
        },
      ),
      { numRuns: 25 },
    );
  });

  it('changes nothing the second time', () => {
    const blob = fc.record({
      width: fc.integer({ min: 5, max: 60 }),
      height: fc.integer({ min: 5, max: 60 }),
      cut: fc.array(fc.double({ min: 0.1, max: 0.9, noNaN: true }), {
        minLength: 4,
        maxLength: 4,
      }),
    });
    fc.assert(
      fc.property(blob, ({ width, height, cut }) => {
        const [x0, x1, y0, y1] = cut as [number, number, number, number];
        const pixels = new Uint8Array(width * height).fill(255);
        const column = Math.floor(Math.min(x0, x1) * width);
        const row = Math.floor(Math.min(y0, y1) * height);
        for (let y = row; y <= Math.max(y0, y1) * (height - 1); y += 1) {
          for (let x = column; x <= Math.max(x0, x1) * (width - 1); x += 1) {
            pixels[y * width + x] = 0;
          }
        }
        const once = normalizePicture(pixels, width, height, SIDE, SIDE);
        const twice = normalizePicture(once, SIDE, SIDE, SIDE, SIDE);
        expect(twice).toEqual(once);
      }),
    );
  });

  it('keeps proportions: a bar twice as high as wide stays so', () => {
    const pixels = new Uint8Array(100 * 100);
    for (let row = 20; row < 60; row += 1) {
      pixels.fill(200, row * 100 + 50, row * 100 + 70);
    }
    const result = normalizePicture(pixels, 100, 100, SIDE, SIDE);
    const inked = [...result.keys()].filter((at) => result[at] === 255);
    // 40 x 20 pixels become 20 x 10 of full ink, and nothing else.
    expect(inked).toHaveLength(200);
    expect(result.filter((value) => value > 0)).toHaveLength(200);
  });

  it('fits frames of other shapes', () => {
    const pixels = new Uint8Array(40 * 40);
    for (let row = 10; row < 30; row += 1) {
      pixels.fill(255, row * 40 + 10, row * 40 + 30);
    }
    const result = normalizePicture(pixels, 40, 40, 14, 28);
    expect(result).toHaveLength(14 * 28);
    // The box is 10 x 20; a square in it has 10 x 10 pixels.
    expect(result.filter((value) => value === 255)).toHaveLength(100);
  });

  it('gives zeros for an empty sheet', () => {
    const sheet = new Uint8Array(50 * 40).fill(200);
    expect(normalizePicture(sheet, 50, 40, SIDE, SIDE)).toEqual(
      new Uint8Array(SIDE * SIDE),
    );
  });

  it('refuses pixels of another number than the size says', () => {
    expect(() => normalizePicture(new Uint8Array(9), 3, 4, 28, 28)).toThrow(
      'values of the picture: expected a whole number from 12 to 12, got 9',
    );
  });
});
