/**
 * One process as Node runs it: one thing after the other. What a piece of
 * work asks for when it ends is done before what has been waiting, as a
 * function that was called by it would.
 */
import type { Cores } from './cores.js';

interface Job {
  readonly workMs: number;
  readonly then: (() => void) | undefined;
  next: Job | undefined;
}

/** The event loop of one simulated process. */
export class EventLoop {
  /** Work that was asked for so far. Milliseconds of an undisturbed core. */
  busyMs = 0;
  readonly #cores: Cores;
  #first: Job | undefined;
  #last: Job | undefined;
  /** The last of those that are being done: others before it call nobody. */
  #current: Job | undefined;
  /** The last job that the piece of work which just ended has asked for. */
  #inserted: Job | undefined;
  #isInside = false;
  readonly #end = () => this.#onEnd();

  constructor(cores: Cores) {
    this.#cores = cores;
  }

  /** Works for so long on one core, then calls back. Milliseconds. */
  run(workMs: number, then?: () => void): void {
    this.busyMs += workMs;
    const job: Job = { workMs, then, next: undefined };
    if (this.#isInside) this.#insert(job);
    else this.#append(job);
    if (this.#current === undefined) this.#start();
  }

  #append(job: Job): void {
    if (this.#last) this.#last.next = job;
    else this.#first = job;
    this.#last = job;
  }

  #insert(job: Job): void {
    const before = this.#inserted;
    this.#inserted = job;
    if (before === undefined) {
      job.next = this.#first;
      this.#first = job;
    } else {
      job.next = before.next;
      before.next = job;
    }
    if (job.next === undefined) this.#last = job;
  }

  /** Does everything up to the first job that calls back in one go. */
  #start(): void {
    let job = this.#first;
    this.#current = job;
    if (job === undefined) return;
    let { workMs } = job;
    while (job.then === undefined && job.next !== undefined) {
      job = job.next;
      workMs += job.workMs;
    }
    this.#current = job;
    this.#cores.start(workMs, this.#end);
  }

  #onEnd(): void {
    const job = this.#current as Job;
    this.#first = job.next;
    if (this.#first === undefined) this.#last = undefined;
    this.#isInside = true;
    job.then?.();
    this.#isInside = false;
    this.#inserted = undefined;
    this.#start();
  }
}
