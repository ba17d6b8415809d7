/**
 * Ctrl-C and SIGTERM while a command runs: the first one asks for an orderly
 * end, the second one ends the process at once. A program that has started
 * this process, listens to it, and is gone, counts as SIGTERM.
 */

/** Exit codes by signal: 128 and the signal's number. */
const EXIT_CODES = { SIGINT: 130, SIGTERM: 143 } as const;
type StopSignal = keyof typeof EXIT_CODES;

/** Listens until it is disposed. */
export class StopSignals implements Disposable {
  readonly #abort = new AbortController();
  readonly #force = new AbortController();
  readonly #onStop: (signal: StopSignal) => void;
  readonly #listeners: [StopSignal | 'disconnect', () => void][] = [];
  #received: StopSignal | undefined;

  /** @param onStop hears of the first signal. */
  constructor(onStop: (signal: StopSignal) => void) {
    this.#onStop = onStop;
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      const listener = () => this.#receive(signal);
      this.#listen(signal, listener);
    }
    this.#listen('disconnect', () => {
      if (this.#received === undefined) this.#receive('SIGTERM');
    });
  }

  /** Aborted by the first signal. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Aborted by the second signal, right before the process ends. */
  get force(): AbortSignal {
    return this.#force.signal;
  }

  /** 130 or 143; 0 when no signal came. */
  get exitCode(): number {
    return this.#received === undefined ? 0 : EXIT_CODES[this.#received];
  }

  [Symbol.dispose](): void {
    for (const [event, listener] of this.#listeners) {
      process.off(event, listener);
    }
  }

  #listen(event: StopSignal | 'disconnect', listener: () => void): void {
    this.#listeners.push([event, listener]);
    process.on(event, listener);
  }

  #receive(signal: StopSignal): void {
    if (this.#received !== undefined) {
      this.#force.abort();
      process.exit(EXIT_CODES[signal]);
    }
    this.#received = signal;
    this.#onStop(signal);
    this.#abort.abort();
  }
}
