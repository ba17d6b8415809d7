/**
 * How much may be asked at once, so that whoever asks costs a training next
 * to nothing. Pure: time is passed in.
 */

/** Questions that are out at once: of all, and of one address. */
const MAX_OUT = 4;
const MAX_OUT_BY_ADDRESS = 2;
/** Questions in any one second. */
const MAX_PER_SECOND = 20;
const SECOND_MS = 1000;

/** See the head of this file. */
export class RequestBudget {
  readonly #outByAddress = new Map<string, number>();
  readonly #startsMs: number[] = [];
  #numOut = 0;

  /**
   * Takes a question on; {@link end} it whatever comes of it.
   * @returns why it is not taken, if it is not.
   */
  begin(address: string, nowMs: number): string | undefined {
    const refusal = this.#refusal(address, nowMs);
    if (refusal !== undefined) return refusal;
    this.#numOut++;
    this.#startsMs.push(nowMs);
    this.#outByAddress.set(address, this.#outOf(address) + 1);
    return undefined;
  }

  /** A question is answered, or given up. */
  end(address: string): void {
    this.#numOut--;
    const left = this.#outOf(address) - 1;
    if (left > 0) this.#outByAddress.set(address, left);
    else this.#outByAddress.delete(address);
  }

  #outOf(address: string): number {
    return this.#outByAddress.get(address) ?? 0;
  }

  #refusal(address: string, nowMs: number): string | undefined {
    const starts = this.#startsMs;
    while ((starts[0] ?? nowMs) <= nowMs - SECOND_MS) starts.shift();
    if (starts.length >= MAX_PER_SECOND) {
      return `too many images: at most ${MAX_PER_SECOND} a second of all pages`;
    }
    if (this.#outOf(address) >= MAX_OUT_BY_ADDRESS) {
      return `too many images at once: at most ${MAX_OUT_BY_ADDRESS} of one address`;
    }
    return this.#numOut >= MAX_OUT
      ? `too many images at once: at most ${MAX_OUT} of all pages`
      : undefined;
  }
}
