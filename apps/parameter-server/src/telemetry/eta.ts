/**
 * When the last step will be made, at the pace of the last minute. Pure: time
 * is an argument, in monotone milliseconds.
 */

/** Steps of this long count for the pace. */
const WINDOW_MS = 60_000;
/** Between two marks, so that a minute of short steps is not thousands. */
const MARK_MS = 500;

interface Mark {
  readonly version: number;
  readonly atMs: number;
}

/** See the head of this file. */
export class Eta {
  readonly #totalSteps: number;
  /** In the order of time; the first one is as old as the window, or older. */
  #marks: Mark[] = [];
  #version = 0;

  /** @param totalSteps version that ends the run. */
  constructor(totalSteps: number) {
    this.#totalSteps = totalSteps;
  }

  /** Training begins or goes on at a version: its pace is not known. */
  resumed(version: number, nowMs: number): void {
    this.#marks = [{ version, atMs: nowMs }];
    this.#version = version;
  }

  /** A version was made. */
  applied(version: number, nowMs: number): void {
    this.#version = version;
    const last = this.#marks.at(-1);
    if (last && nowMs - last.atMs < MARK_MS) return;
    this.#marks.push({ version, atMs: nowMs });
    for (;;) {
      const second = this.#marks[1];
      if (second === undefined || nowMs - second.atMs < WINDOW_MS) return;
      this.#marks.shift();
    }
  }

  /** Seconds until the last step; nothing while no pace is known. */
  seconds(nowMs: number): number | undefined {
    const left = this.#totalSteps - this.#version;
    if (left <= 0) return 0;
    const [first] = this.#marks;
    if (first === undefined) return undefined;
    const made = this.#version - first.version;
    const tookMs = nowMs - first.atMs;
    if (made <= 0 || tookMs <= 0) return undefined;
    return (left * tookMs) / made / 1000;
  }
}
