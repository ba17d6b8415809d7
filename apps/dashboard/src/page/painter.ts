/**
 * When the page paints: at most ten times a second, and only what changed.
 */
import type { FeedMessage } from '../feed.js';
import type { RunModel } from './run-model.js';

/** Kinds of news. */
export type News = FeedMessage['type'];

/** Shortest time between two paintings. Milliseconds. */
export const PAINT_MS = 100;

/** Something that shows a part of the model. */
export interface View {
  /** The kinds of news that it shows; `run` always counts. */
  readonly shows: readonly News[];
  paint(model: RunModel): void;
}

/** See the head of this file. */
export class Painter {
  readonly #model: RunModel;
  readonly #views: readonly View[];
  readonly #news = new Set<News>();
  #isDue = false;

  constructor(model: RunModel, views: readonly View[]) {
    this.#model = model;
    this.#views = views;
  }

  /** Says that there is news; it is painted soon, together with other news. */
  changed(news: News): void {
    this.#news.add(news);
    if (this.#isDue) return;
    this.#isDue = true;
    // no animation frame: the title of a tab in the background goes on
    setTimeout(() => this.#paint(), PAINT_MS);
  }

  #paint(): void {
    const news = new Set(this.#news);
    this.#news.clear();
    this.#isDue = false;
    for (const view of this.#views) {
      const isNew = news.has('run') || view.shows.some((one) => news.has(one));
      if (isNew) view.paint(this.#model);
    }
  }
}
