/**
 * Shows a training while it runs: on a terminal one line that is rewritten,
 * with what is worth keeping above it; elsewhere a plain line now and then.
 */
import type { EpochEvent, Output, ProgressEvent } from './events.js';
import { printable } from './figures.js';
import { epochLine, plainLine, progressLine } from './progress-line.js';
import { StepRate } from './step-rate.js';

/** Shortest time between two drawings of the line, in milliseconds. */
const REDRAW_MS = 100;

/** Shortest time between two plain lines, in milliseconds. */
const PLAIN_MS = 5000;

/** Width of a terminal that does not tell it, in characters. */
const DEFAULT_COLUMNS = 80;

/** To the line's start; and from the cursor to the line's end, blank. */
const [START, ERASE] = ['\r', '\u001b[K'];

/** The view of one training. Writes at once, holds no timer. */
export class ProgressView {
  readonly #output: Output;
  readonly #nowMs: () => number;
  readonly #rate = new StepRate();
  #last: ProgressEvent | undefined;
  #writtenAtMs = -Infinity;
  /** Whether the cursor stands at the end of an unfinished line. */
  #isLineOpen = false;
  #isClosed = false;

  /** Takes the clock too, any that rises, in milliseconds. */
  constructor(output: Output, nowMs: () => number) {
    this.#output = output;
    this.#nowMs = nowMs;
  }

  /** Shows where training stands, unless it did a moment ago. */
  update(event: ProgressEvent): void {
    if (this.#isClosed) return;
    const nowMs = this.#nowMs();
    this.#last = event;
    this.#rate.add(event.step, nowMs);
    const isTerminal = this.#output.isTTY === true;
    const restMs = isTerminal ? REDRAW_MS : PLAIN_MS;
    if (nowMs - this.#writtenAtMs < restMs) return;
    this.#writtenAtMs = nowMs;
    if (isTerminal) this.#output.write(this.#liveLine(event));
    else this.#output.write(`${plainLine(event, this.#secondsLeft(event))}\n`);
  }

  /** Shows what an epoch came to, on a line that stays. */
  epochDone(event: EpochEvent): void {
    this.note(epochLine(event, this.#last?.epochs));
  }

  /** Shows a line that stays: a worker lost, a checkpoint that failed. */
  note(text: string): void {
    if (this.#isClosed) return;
    const line = printable(text);
    if (!this.#isLineOpen || this.#last === undefined) {
      this.#output.write(`${line}\n`);
      return;
    }
    const live = this.#liveLine(this.#last);
    this.#output.write(`${START}${line}${ERASE}\n${live}`);
  }

  /** Takes the rewritten line away and shows nothing more. Idempotent. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    if (this.#isLineOpen) this.#output.write(START + ERASE);
    this.#isLineOpen = false;
  }

  /** One write a drawing, and nothing erased before it is replaced. */
  #liveLine(event: ProgressEvent): string {
    this.#isLineOpen = true;
    // A character in the last column makes some terminals go to a new line.
    const width = (this.#output.columns ?? DEFAULT_COLUMNS) - 1;
    const line = progressLine(event, this.#secondsLeft(event), width);
    return START + line + ERASE;
  }

  #secondsLeft({ totalSteps }: ProgressEvent): number | undefined {
    return this.#rate.secondsUntil(totalSteps);
  }
}
