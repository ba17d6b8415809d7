/**
 * A program that is timed beside others: it loads once, then does what it is
 * asked for and says how long it took, so that several can take turns within
 * one run and share the machine's moods.
 */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { once } from 'node:events';

/** How to start one. */
export interface ContenderOptions {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** Processors it may use, as taskset takes them: `0` or `0,1`. */
  readonly cores: string;
  /** Threads of its library. */
  readonly threads: number;
  /** Variables of its own. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Longest time for loading or for one question. Milliseconds. */
const PATIENCE_MS = 300_000;

/**
 * Asks by a line of JSON on standard input, is answered by one on standard
 * output; other lines are the program's chatter.
 */
export class Contender implements AsyncDisposable {
  readonly name: string;
  /** What it said once it had loaded. */
  firstAnswer: unknown;
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;
  #stderr = '';
  #answer: ((text: string) => void) | undefined;

  private constructor(name: string, child: ChildProcess) {
    this.name = name;
    this.#child = child;
    this.#ended = once(child, 'close');
    child.stderr?.on('data', (text: Buffer) => {
      this.#stderr = (this.#stderr + text.toString()).slice(-2000);
    });
    const lines = createInterface({ input: child.stdout! });
    lines.on('line', (line) => {
      if (line.startsWith('{')) this.#answer?.(line);
    });
  }

  /**
   * Starts it and waits until it has loaded.
   * @throws Error with what it said, when it ends or is late.
   */
  static async start(options: ContenderOptions): Promise<Contender> {
    const { name, command, args, cores, threads } = options;
    const count = String(threads);
    const child = spawn('taskset', ['-c', cores, command, ...args], {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: {
        ...process.env,
        TF_CPP_MIN_LOG_LEVEL: '3',
        TF_NUM_INTRAOP_THREADS: count,
        TF_NUM_INTEROP_THREADS: '1',
        OMP_NUM_THREADS: count,
        CUDA_VISIBLE_DEVICES: '',
        ...options.env,
      },
    });
    const contender = new Contender(name, child);
    contender.firstAnswer = JSON.parse(await contender.#next()) as unknown;
    return contender;
  }

  /** Gives the program's answer, parsed. */
  async ask<T>(question: object): Promise<T> {
    const answer = this.#next();
    this.#child.stdin?.write(`${JSON.stringify(question)}\n`);
    return JSON.parse(await answer) as T;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.stdin?.end();
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), 5000);
    await this.#ended;
    clearTimeout(timer);
  }

  #next(): Promise<string> {
    return new Promise((resolve, reject) => {
      const fail = (what: string): void => {
        this.#child.kill('SIGKILL');
        reject(new Error(`${this.name} ${what}\n${this.#stderr}`));
      };
      const timer = setTimeout(() => fail('does not answer'), PATIENCE_MS);
      const onEnd = (): void => fail('ended');
      this.#child.once('close', onEnd);
      this.#answer = (text) => {
        clearTimeout(timer);
        this.#child.off('close', onEnd);
        resolve(text);
      };
    });
  }
}
