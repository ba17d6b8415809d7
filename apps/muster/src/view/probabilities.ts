/**
 * What a network says of a picture, with a bar a class.
 */
import { formatBar, formatPercent, printable } from './figures.js';

/** What a network says of one picture. */
export interface PictureAnswer {
  /** The picture's file, as it was given. */
  readonly file: string;
  /** The class of the greatest probability. */
  readonly digit: number;
  /** [numClasses], 0 to 1. */
  readonly probabilities: readonly number[];
}

/** Length of the bar of probability 1, in characters. */
const BAR_WIDTH = 30;

/** Gives the lines for one picture, without a line break at the end. */
export function formatProbabilities(answer: PictureAnswer): string {
  const { file, digit, probabilities } = answer;
  const sure = formatPercent(probabilities[digit] ?? Number.NaN);
  const width = String(probabilities.length - 1).length;
  const lines = probabilities.map((value, label) =>
    [
      ` ${String(label).padStart(width)}`,
      formatPercent(value).padStart(8),
      formatBar(value, BAR_WIDTH),
    ]
      .join('  ')
      .trimEnd(),
  );
  return [`${printable(file)}: ${digit} (${sure})`, ...lines].join('\n');
}
