/**
 * The applied steps of a run as points: what is new, and the whole history,
 * thinned out so that it never grows beyond some thousand points. A step
 * costs an entry in a list.
 */
import type { StepPoints } from '../feed.js';

/** One applied step; see {@link StepPoints}. */
export interface Point {
  readonly step: number;
  readonly loss: number | null;
  readonly accuracy: number;
  readonly imagesPerSecond: number;
  readonly learningRate: number;
  readonly gradientNorm: number | null;
  readonly at: number;
}

/** Most points of the history. */
export const MAX_POINTS = 2000;
/** Points in one message of the history: it is made and encoded once. */
const POINTS_A_MESSAGE = 200;
/** Decimal digits that a curve can show. */
const DIGITS = 5;

/** See the head of this file. */
export class PointHistory {
  /** Messages that do not change any more, and the points behind them. */
  #closed: StepPoints[] = [];
  #open: Point[] = [];
  #numPoints = 0;
  /** Every so many steps are kept: a power of two. */
  #stride = 1;
  /** Since they were taken last. */
  #news: Point[] = [];

  /** Adds an applied step, the one after the last. */
  add(point: Point): void {
    this.#news.push(point);
    if (this.#news.length > MAX_POINTS) {
      this.#news = thinned(this.#news, 2 * this.#stride);
    }
    if (point.step % this.#stride === 0) this.#keep(point);
  }

  /** Drops what was after `step`: it is done again. */
  rewind(step: number): void {
    this.#news = this.#news.filter((point) => point.step <= step);
    this.#replace(this.#all.filter((point) => point.step <= step));
  }

  /** What is new since this was asked last, if anything is. */
  takeNews(): StepPoints | undefined {
    const news = this.#news;
    this.#news = [];
    return news.length > 0 ? messageOf(news) : undefined;
  }

  /** The whole history; the same objects where nothing has changed. */
  messages(): readonly StepPoints[] {
    const open = this.#open.length > 0 ? [messageOf(this.#open)] : [];
    return [...this.#closed, ...open];
  }

  get #all(): Point[] {
    return [...this.#closed.flatMap(pointsOf), ...this.#open];
  }

  #keep(point: Point): void {
    this.#open.push(point);
    this.#numPoints++;
    if (this.#open.length === POINTS_A_MESSAGE) {
      this.#closed.push(messageOf(this.#open));
      this.#open = [];
    }
    if (this.#numPoints <= MAX_POINTS) return;
    this.#stride *= 2;
    this.#replace(thinned(this.#all, this.#stride));
  }

  #replace(points: readonly Point[]): void {
    this.#closed = [];
    this.#open = [];
    this.#numPoints = 0;
    for (const point of points) this.#keep(point);
  }
}

function thinned(points: readonly Point[], stride: number): Point[] {
  return points.filter(({ step }) => step % stride === 0);
}

function messageOf(points: readonly Point[]): StepPoints {
  return {
    type: 'points',
    step: points.map(({ step }) => step),
    loss: points.map(({ loss }) => short(loss)),
    accuracy: points.map(({ accuracy }) => Number(accuracy.toFixed(DIGITS))),
    imagesPerSecond: points.map((point) => Math.round(point.imagesPerSecond)),
    learningRate: points.map(({ learningRate }) => short(learningRate) ?? 0),
    gradientNorm: points.map(({ gradientNorm }) => short(gradientNorm)),
    at: points.map(({ at }) => Math.round(at)),
  };
}

function pointsOf(message: StepPoints): Point[] {
  return message.step.map((step, index) => ({
    step,
    loss: message.loss[index] ?? null,
    accuracy: message.accuracy[index] ?? 0,
    imagesPerSecond: message.imagesPerSecond[index] ?? 0,
    learningRate: message.learningRate[index] ?? 0,
    gradientNorm: message.gradientNorm[index] ?? null,
    at: message.at[index] ?? 0,
  }));
}

/** What is no number, a diverged loss, is null. */
function short(value: number | null): number | null {
  if (value === null || !Number.isFinite(value)) return null;
  return Number(value.toPrecision(DIGITS));
}
