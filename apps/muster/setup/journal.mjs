// What a person sees of set-up (short lines on stderr, so that stdout stays the
// command's own), and the log file with everything else.
// @ts-check
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Prints set-up's lines and keeps its log. The log is begun anew by whoever has
 * the lock, or by a failure; a start that finds all done leaves the old one.
 */
export class Journal {
  /** @type {string} */
  #file;
  /** @type {(line: string) => void} */
  #print;
  #isOpen = false;

  /**
   * @param {string} file the log, made anew at its first line
   * @param {(line: string) => void} [print]
   */
  constructor(file, print = (line) => process.stderr.write(line)) {
    this.#file = file;
    this.#print = print;
  }

  /** The log's path, for messages. */
  get file() {
    return this.#file;
  }

  /** Begins the log anew. One that cannot be written is no reason to stop. */
  begin() {
    try {
      mkdirSync(dirname(this.#file), { recursive: true });
      writeFileSync(this.#file, '');
      this.#isOpen = true;
    } catch {
      this.#isOpen = false;
    }
  }

  /**
   * Prints one line, and logs it if a log was begun.
   *
   * @param {string} line
   */
  say(line) {
    this.#print(`muster set-up: ${line}\n`);
    if (this.#isOpen) this.log(line);
  }

  /**
   * Adds to the log only, beginning it if need be.
   *
   * @param {string} text
   */
  log(text) {
    if (!this.#isOpen) this.begin();
    if (!this.#isOpen) return;
    try {
      const ending = text.endsWith('\n') ? '' : '\n';
      appendFileSync(this.#file, `${text}${ending}`);
    } catch {
      this.#isOpen = false;
    }
  }

  /**
   * Says what begins, does it, and says how long it took.
   *
   * @template T
   * @param {string} doing
   * @param {() => Promise<T>} action
   * @param {(result: T) => string} told what came of it
   * @returns {Promise<T>}
   */
  async timed(doing, action, told) {
    this.say(`${doing} ...`);
    const start = performance.now();
    const result = await action();
    this.say(`${told(result)} (${formatSeconds(performance.now() - start)})`);
    return result;
  }
}

/**
 * @param {number} ms
 * @returns {string} e.g. '17.2 s', '140 ms'
 */
export function formatSeconds(ms) {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  return `${(ms / 1000).toFixed(1)} s`;
}
