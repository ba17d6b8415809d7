/**
 * A data set of drawn shapes, prepared as MNIST's digits are, so that a
 * network trained on it has to know a PNG of such a shape, of whatever size.
 */
import { createRandomStream, normalizePicture } from '@muster/data';
import type { DatasetInput, RandomStream, SplitInput } from '@muster/data';

/** The classes, by label. */
export const SHAPES = ['bar', 'line', 'ring', 'cross'] as const;

/** Height and width of the data set's pictures, in pixels. */
export const SHAPE_SIZE = 14;

/** A drawing: ink 0 to 255, uint8 `[size, size]`. */
export interface Drawing {
  readonly pixels: Uint8Array;
  readonly size: number;
}

/**
 * Draws the shape of a label, its middle and width a little off by chance.
 * @param size height and width in pixels, at least 20.
 */
export function drawShape(
  label: number,
  size: number,
  random: RandomStream,
): Drawing {
  const shift = () => (random.nextFloat() - 0.5) * 0.1;
  const [middleX, middleY] = [0.5 + shift(), 0.5 + shift()];
  const width = 0.07 + random.nextFloat() * 0.03;
  const pixels = Uint8Array.from({ length: size * size }, (_, at) => {
    const x = (at % size) / size - middleX;
    const y = Math.floor(at / size) / size - middleY;
    return isInk(label, x, y, width) ? 255 : 0;
  });
  return { pixels, size };
}

/** Makes the data set: `numTrain` and `numTest` drawings of 40 x 40 pixels. */
export function shapesDataset(numTrain: number, numTest: number): DatasetInput {
  return {
    train: splitOf(numTrain, createRandomStream(1, 0, 0)),
    test: splitOf(numTest, createRandomStream(2, 0, 0)),
    rows: SHAPE_SIZE,
    columns: SHAPE_SIZE,
  };
}

function splitOf(count: number, random: RandomStream): SplitInput {
  const labels = Uint8Array.from({ length: count }, (_, i) => i % 4);
  const images = new Uint8Array(count * SHAPE_SIZE ** 2);
  labels.forEach((label, i) => {
    const { pixels, size } = drawShape(label, 40, random);
    const small = normalizePicture(pixels, size, size, SHAPE_SIZE, SHAPE_SIZE);
    images.set(small, i * SHAPE_SIZE ** 2);
  });
  return { images, labels };
}

/** Whether a shape covers a point; the middle is 0, 0, the edge 0.5. */
function isInk(label: number, x: number, y: number, width: number): boolean {
  const isInside = Math.abs(x) < 0.35 && Math.abs(y) < 0.35;
  const onBar = Math.abs(x) < width && isInside;
  const onLine = Math.abs(y) < width && isInside;
  const onRing = Math.abs(Math.hypot(x, y) - 0.3) < width;
  return [onBar, onLine, onRing, onBar || onLine][label] === true;
}
