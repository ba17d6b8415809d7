/** The notebook's first half: a look at a data set before it is used. */
import { imageAt, type Dataset, type Split } from './dataset.js';
import { checkWhole } from './dataset-error.js';
import { renderTerminal, type TerminalColors } from './render-terminal.js';

/** The notebook's examples: "could be any number below 60,000". */
const LABEL_INDEX = 7777;
const PICTURE_INDEX = 5014;

/** What to look at, and how. */
export interface ExploreOptions {
  /**
   * Training example, from 0, for label and picture. Default: the notebook's,
   * label 7777 and picture 5014 (the last one where the set is smaller).
   */
  readonly index?: number;
  /** What the terminal can show; `plain` by default. */
  readonly colors?: TerminalColors;
}

/** Name, lengths and element type of one array, in the notebook's words. */
export interface ArraySummary {
  readonly name: 'x_train' | 'y_train' | 'x_test' | 'y_test';
  readonly shape: readonly number[];
  readonly dtype: 'uint8';
}

/** What a look at a data set shows. */
export interface Exploration {
  readonly arrays: readonly ArraySummary[];
  /** One element of `y_train`. */
  readonly label: { readonly index: number; readonly value: number };
  /** One picture of `x_train` with its label; a view: read only. */
  readonly picture: {
    readonly index: number;
    readonly label: number;
    /** uint8 `[rows, columns]`, for `encodePng`. */
    readonly image: Uint8Array;
  };
  /** Number of pictures by class, `[numClasses]` each. */
  readonly imagesPerClass: {
    readonly train: readonly number[];
    readonly test: readonly number[];
  };
  /** All of it to be printed: lines without one at the end. */
  readonly text: string;
}

function arraysOf({ train, test, rows, columns }: Dataset): ArraySummary[] {
  const dtype = 'uint8';
  return [
    { name: 'x_train', shape: [train.count, rows, columns], dtype },
    { name: 'y_train', shape: [train.count], dtype },
    { name: 'x_test', shape: [test.count, rows, columns], dtype },
    { name: 'y_test', shape: [test.count], dtype },
  ];
}

function countLabels({ labels }: Split, numClasses: number): number[] {
  const counts = new Array<number>(numClasses).fill(0);
  for (const label of labels) counts[label] = (counts[label] ?? 0) + 1;
  return counts;
}

/** As Python writes a tuple: `(60000,)`, `(60000, 28, 28)`. */
const tuple = (shape: readonly number[]): string =>
  `(${shape.join(', ')}${shape.length === 1 ? ',' : ''})`;

function classTable({ train, test }: Exploration['imagesPerClass']): string[] {
  const row = (...cells: readonly (string | number)[]): string =>
    cells.map((cell) => String(cell).padStart(7)).join('');
  const sum = (counts: readonly number[]): number =>
    counts.reduce((total, count) => total + count, 0);
  return [
    row('class', 'train', 'test'),
    ...train.map((count, label) => row(label, count, test[label] ?? 0)),
    row('all', sum(train), sum(test)),
  ];
}

/**
 * Looks at a data set as the notebook does: shapes and types, one label, one
 * picture in Greys, and the number of images of each class.
 *
 * @throws DatasetError ERR_CONFIG when the index is not a training example's.
 */
export function explore(
  dataset: Dataset,
  { index, colors = 'plain' }: ExploreOptions = {},
): Exploration {
  const { train, test, rows, columns, numClasses } = dataset;
  const last = train.count - 1;
  if (index !== undefined) checkWhole('--index', index, 0, last);
  const labelIndex = index ?? Math.min(LABEL_INDEX, last);
  const pictureIndex = index ?? Math.min(PICTURE_INDEX, last);
  const label = { index: labelIndex, value: train.labels[labelIndex] ?? 0 };
  const picture = {
    index: pictureIndex,
    label: train.labels[pictureIndex] ?? 0,
    image: imageAt(train, pictureIndex),
  };
  const arrays = arraysOf(dataset);
  const imagesPerClass = {
    train: countLabels(train, numClasses),
    test: countLabels(test, numClasses),
  };
  const lines = [
    ...arrays.map(
      ({ name, shape, dtype }) => `${name}.shape ${tuple(shape)} ${dtype}`,
    ),
    '',
    `y_train[${label.index}] is ${label.value}`,
    '',
    `x_train[${picture.index}], a picture of class ${picture.label}:`,
    renderTerminal(picture.image, rows, columns, colors),
    '',
    'images per class',
    ...classTable(imagesPerClass),
  ];
  return { arrays, label, picture, imagesPerClass, text: lines.join('\n') };
}
