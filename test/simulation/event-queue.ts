/**
 * What is to happen, in the order of virtual time: at the same time in an
 * order that the seed draws, so that no order is taken for granted.
 */
import type { SeededRandom } from './seeded-random.js';

interface Due {
  readonly atMs: number;
  readonly tie: number;
  readonly sequence: number;
  readonly happen: () => void;
}

/** A binary heap over (time, drawn number, sequence). */
export class EventQueue {
  readonly #random: SeededRandom;
  readonly #heap: Due[] = [];
  #sequence = 0;
  #nowMs = 0;

  constructor(random: SeededRandom) {
    this.#random = random;
  }

  /** Virtual time. Milliseconds. */
  get nowMs(): number {
    return this.#nowMs;
  }

  /** How much is to happen. */
  get length(): number {
    return this.#heap.length;
  }

  /** Has something happen so much later. */
  after(delayMs: number, happen: () => void): void {
    this.#push({
      atMs: this.#nowMs + Math.max(0, delayMs),
      tie: this.#random.uint32(),
      sequence: this.#sequence++,
      happen,
    });
  }

  /** Lets the next thing happen; tells whether there was one. */
  next(): boolean {
    const due = this.#pop();
    if (due === undefined) return false;
    this.#nowMs = due.atMs;
    due.happen();
    return true;
  }

  #push(due: Due): void {
    const heap = this.#heap;
    let at = heap.length;
    heap.push(due);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isBefore(due, heap[parent] as Due)) break;
      heap[at] = heap[parent] as Due;
      at = parent;
    }
    heap[at] = due;
  }

  #pop(): Due | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return first;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      const right = child + 1;
      const hasRight = right < heap.length;
      if (hasRight && isBefore(heap[right] as Due, heap[child] as Due)) {
        child = right;
      }
      if (!isBefore(heap[child] as Due, last)) break;
      heap[at] = heap[child] as Due;
      at = child;
    }
    heap[at] = last;
    return first;
  }
}

function isBefore(a: Due, b: Due): boolean {
  if (a.atMs !== b.atMs) return a.atMs < b.atMs;
  if (a.tie !== b.tie) return a.tie < b.tie;
  return a.sequence < b.sequence;
}
