/**
 * One life of a process: what comes to it waits while it is stopped, and is
 * lost when it is dead.
 */
import type { EventQueue } from './event-queue.js';
import type { SeededRandom } from './seeded-random.js';

/** What all processes have in common. */
export abstract class SimulatedProcess {
  /** Of the seat or worker; the same in every life. */
  readonly name: string;
  readonly url: string;
  protected readonly queue: EventQueue;
  protected readonly random: SeededRandom;
  readonly #tickMs: number;
  #inbox: (() => void)[] = [];
  #isPaused = false;
  #isAlive = true;

  constructor(
    name: string,
    queue: EventQueue,
    random: SeededRandom,
    tickMs: number,
  ) {
    this.name = name;
    this.url = `ws://${name}`;
    this.queue = queue;
    this.random = random;
    this.#tickMs = tickMs;
  }

  get isAlive(): boolean {
    return this.#isAlive;
  }

  get isPaused(): boolean {
    return this.#isPaused;
  }

  /** Has it handle something, now or when it is continued. */
  post(handle: () => void): void {
    if (!this.#isAlive) return;
    if (this.#isPaused) this.#inbox.push(handle);
    else handle();
  }

  /** SIGSTOP. */
  pause(): void {
    this.#isPaused = true;
  }

  /** SIGCONT: timers are late, and come before or after what was received. */
  resume(): void {
    if (!this.#isPaused || !this.#isAlive) return;
    this.#isPaused = false;
    const inbox = this.#inbox;
    this.#inbox = [];
    const isTickFirst = this.random.chance(0.5);
    if (isTickFirst) this.tick();
    for (const handle of inbox) {
      if (this.#isAlive) handle();
    }
    if (!isTickFirst && this.#isAlive) this.tick();
  }

  /** SIGKILL, or its own end. */
  die(): void {
    this.#isAlive = false;
    this.#inbox = [];
  }

  protected startTicking(): void {
    this.queue.after(this.random.uniform(0, this.#tickMs), () => this.#ticks());
  }

  protected abstract tick(): void;

  #ticks(): void {
    if (!this.#isAlive) return;
    if (!this.#isPaused) this.tick();
    this.queue.after(this.#tickMs, () => this.#ticks());
  }
}
