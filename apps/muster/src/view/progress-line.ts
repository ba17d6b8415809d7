/**
 * The lines that are shown while a training runs.
 */
import type { EpochEvent, ProgressEvent } from './events.js';
import {
  formatBar,
  formatClock,
  formatCount,
  formatDuration,
  formatLoss,
  formatNumberOf,
  formatPercent,
} from './figures.js';

/** Width of the bar between its brackets, in characters. */
const BAR_WIDTH = 20;

/** A part of the line. */
interface Part {
  readonly text: string;
  /** What stands for it where there is less room. */
  readonly short: string;
  /** Where there is too little even so, the greatest number goes first. */
  readonly goes: number;
}

/**
 * Gives the line of a terminal, at most `width` characters wide. With less
 * room it loses its bar, then it is worded shorter (80 columns hold that),
 * then what matters least is left out until the rest fits.
 */
export function progressLine(
  event: ProgressEvent,
  secondsLeft: number | undefined,
  width: number,
): string {
  const full = `${barOf(event)}  ${plainLine(event, secondsLeft)}`;
  if (full.length <= width) return full;
  const plain = plainLine(event, secondsLeft);
  if (plain.length <= width) return plain;
  return shortLine(partsOf(event, secondsLeft), width);
}

/** Gives the line of a file or a pipe. */
export function plainLine(
  event: ProgressEvent,
  secondsLeft: number | undefined,
): string {
  return partsOf(event, secondsLeft)
    .map(({ text }) => text)
    .join('  ');
}

function shortLine(parts: readonly Part[], width: number): string {
  const line = parts.map(({ short }) => short).join('  ');
  if (line.length <= width || parts.length === 1) return line.slice(0, width);
  const last = Math.max(...parts.map(({ goes }) => goes));
  return shortLine(
    parts.filter(({ goes }) => goes !== last),
    width,
  );
}

function barOf({ step, totalSteps }: ProgressEvent): string {
  const filled = formatBar(step / totalSteps, BAR_WIDTH);
  return `[${filled.padEnd(BAR_WIDTH, '.')}]`;
}

function partsOf(event: ProgressEvent, secondsLeft: number | undefined) {
  const epoch = `${event.epoch}/${event.epochs}`;
  const step = `${event.step}/${event.totalSteps}`;
  const accuracy = formatPercent(event.accuracy);
  const speed = formatCount(event.imagesPerSecond);
  const always = (text: string, goes: number) => ({ text, short: text, goes });
  const parts: Part[] = [
    { text: `epoch ${epoch}`, short: `ep ${epoch}`, goes: 0 },
    { text: `step ${step}`, short: step, goes: 6 },
    always(`loss ${formatLoss(event.loss)}`, 1),
    { text: `accuracy ${accuracy}`, short: `acc ${accuracy}`, goes: 3 },
    { text: `${speed} images/s`, short: `${speed} img/s`, goes: 4 },
    always(formatNumberOf(event.workers, 'worker'), 5),
    always(`ETA ${formatClock(secondsLeft)}`, 2),
  ];
  return parts;
}

/** Gives the line that stays when an epoch has ended. */
export function epochLine(event: EpochEvent, epochs?: number): string {
  const of = epochs === undefined ? '' : `/${epochs}`;
  return [
    `epoch ${event.epoch}${of} done`,
    `train loss ${formatLoss(event.trainLoss)} accuracy ${formatPercent(event.trainAccuracy)}`,
    `test loss ${formatLoss(event.testLoss)} accuracy ${formatPercent(event.testAccuracy)}`,
    formatDuration(event.seconds),
  ].join('  ');
}
