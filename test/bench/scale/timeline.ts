/**
 * Virtual time: what is to happen, in its order. What happens at one time
 * happens in the order in which it was asked for, so that a simulation gives
 * the same result each time.
 */

/** A binary heap over (time, order of asking); times lie apart, for speed. */
export class Timeline {
  readonly #times: number[] = [];
  readonly #orders: number[] = [];
  readonly #happenings: (() => void)[] = [];
  #numAsked = 0;
  #nowMs = 0;

  /** Virtual time. Milliseconds. */
  get nowMs(): number {
    return this.#nowMs;
  }

  /** Has something happen at this time, at the earliest now. Milliseconds. */
  at(timeMs: number, happen: () => void): void {
    const order = this.#numAsked++;
    const time = Math.max(timeMs, this.#nowMs);
    let place = this.#times.length;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      if (!this.#isAfter(parent, time, order)) break;
      this.#copy(parent, place);
      place = parent;
    }
    this.#put(place, time, order, happen);
  }

  /** Lets everything happen, and what comes of it, until nothing is left. */
  run(): void {
    while (this.#times.length > 0) this.#takeFirst()();
  }

  #takeFirst(): () => void {
    const first = this.#happenings[0] as () => void;
    this.#nowMs = this.#times[0] as number;
    const time = this.#times.pop() as number;
    const order = this.#orders.pop() as number;
    const happen = this.#happenings.pop() as () => void;
    if (this.#times.length > 0) this.#sink(time, order, happen);
    return first;
  }

  /** Puts an entry in the place of the first one, and then where it belongs. */
  #sink(time: number, order: number, happen: () => void): void {
    const { length } = this.#times;
    let place = 0;
    for (;;) {
      let child = 2 * place + 1;
      if (child >= length) break;
      const right = child + 1;
      if (right < length && this.#isAfterPlace(child, right)) child = right;
      if (this.#isAfter(child, time, order)) break;
      this.#copy(child, place);
      place = child;
    }
    this.#put(place, time, order, happen);
  }

  #isAfter(place: number, time: number, order: number): boolean {
    const other = this.#times[place] as number;
    if (other !== time) return other > time;
    return (this.#orders[place] as number) > order;
  }

  #isAfterPlace(place: number, other: number): boolean {
    const [time, order] = [this.#times[other], this.#orders[other]];
    return this.#isAfter(place, time as number, order as number);
  }

  #copy(from: number, to: number): void {
    this.#times[to] = this.#times[from] as number;
    this.#orders[to] = this.#orders[from] as number;
    this.#happenings[to] = this.#happenings[from] as () => void;
  }

  #put(place: number, time: number, order: number, happen: () => void): void {
    this.#times[place] = time;
    this.#orders[place] = order;
    this.#happenings[place] = happen;
  }
}
