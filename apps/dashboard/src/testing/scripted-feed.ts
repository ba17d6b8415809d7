/**
 * A feed whose news a test writes.
 */
import type { Classification, Feed, FeedMessage } from '../feed.js';

/** Implements {@link Feed}; nothing happens unless somebody says so. */
export class ScriptedFeed implements Feed {
  /** Images that it was asked about, in order. */
  readonly asked: Uint8Array[] = [];
  /** What it says to an image; may be replaced. Default: surely a 4. */
  answer: (image: Uint8Array) => Promise<Classification> = () =>
    Promise.resolve({
      version: 250,
      probabilities: [0, 0, 0, 0, 0.94, 0, 0, 0, 0, 0.06],
    });
  readonly #history: FeedMessage[];
  readonly #listeners = new Set<(message: FeedMessage) => void>();

  /** @param history what happened before anybody looked. */
  constructor(history: readonly FeedMessage[] = []) {
    this.#history = [...history];
  }

  /** How many streams are open. */
  get numListeners(): number {
    return this.#listeners.size;
  }

  history(): readonly FeedMessage[] {
    return [...this.#history];
  }

  subscribe(listener: (message: FeedMessage) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  classify(image: Uint8Array): Promise<Classification> {
    this.asked.push(image.slice());
    return this.answer(image);
  }

  /** Lets things happen, in this order. */
  emit(...messages: readonly FeedMessage[]): void {
    for (const message of messages) {
      this.#history.push(message);
      for (const listener of this.#listeners) listener(message);
    }
  }
}
