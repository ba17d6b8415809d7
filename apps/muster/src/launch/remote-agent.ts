/**
 * The launcher's end of a host: an ssh process with the host's agent at its
 * other end. It is lost when it ends unasked, or when nothing is heard of it
 * for a time.
 */
import { spawn } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { performance } from 'node:perf_hooks';
import { createInterface } from 'node:readline';
import { lineOf, newsSchema, readLine } from './orders.js';
import type { News, Order } from './orders.js';
import { killGroup } from './process-group.js';

/** How an agent came to its end. */
export interface AgentEnd {
  /** Whether it had been told to end. */
  readonly wasAsked: boolean;
  /** Why, in words. */
  readonly reason: string;
}

/** An agent, as its launcher sees it. */
export interface AgentHandle {
  /** Resolves when the connection is gone; never rejects. */
  readonly ended: Promise<AgentEnd>;
  /** Tells it something; nothing when it is gone. */
  send(order: Order): void;
  /**
   * Ends everything there, in order or at once, and waits for it; the
   * connection is cut when that takes longer than `withinMs`. Idempotent.
   */
  stop(atOnce: boolean, withinMs: number): Promise<AgentEnd>;
}

/** How an agent is reached, and who hears of it. */
export interface RemoteAgentOptions {
  /** The words that start it. */
  readonly words: readonly string[];
  /** Silence after which it counts as lost. */
  readonly timeoutMs: number;
  readonly heartbeatMs: number;
  readonly onNews: (news: News) => void;
  /** A line of ssh or of a login shell. */
  readonly onStray: (text: string) => void;
}

/** For the login and the start of Node. Milliseconds. */
const BEGIN_MS = 30_000;

/** See the head of this file. */
export class RemoteAgent implements AgentHandle {
  readonly ended: Promise<AgentEnd>;
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #options: RemoteAgentOptions;
  readonly #timer: NodeJS.Timeout;
  #heardAtMs = performance.now();
  #hasBegun = false;
  #wasAsked = false;
  #isOver = false;
  /** What the agent, or the lack of its words, says of its end. */
  #reason: string | undefined;
  #lastStray = '';

  private constructor(options: RemoteAgentOptions) {
    const [command = '', ...args] = options.words;
    this.#options = options;
    // a session of its own: Ctrl-C is for the launcher alone
    const child = spawn(command, args, { stdio: 'pipe', detached: true });
    this.#process = child;
    child.stdin.on('error', () => undefined);
    createInterface({ input: child.stdout }).on('line', (line) =>
      this.#hear(line),
    );
    createInterface({ input: child.stderr }).on('line', (line) =>
      this.#stray(line),
    );
    this.#timer = setInterval(() => this.#beat(), options.heartbeatMs);
    this.ended = new Promise((resolve) => {
      child.once('error', ({ message }) => {
        this.#reason ??= message;
        if (child.pid === undefined) resolve(this.#end(null));
      });
      child.once('close', (code) => resolve(this.#end(code)));
    });
  }

  /** Starts ssh. */
  static start(options: RemoteAgentOptions): RemoteAgent {
    return new RemoteAgent(options);
  }

  send(order: Order): void {
    const { stdin } = this.#process;
    if (stdin.writable) stdin.write(lineOf(order));
  }

  async stop(atOnce: boolean, withinMs: number): Promise<AgentEnd> {
    this.#wasAsked = true;
    this.send({ type: 'stop', atOnce });
    const timer = setTimeout(
      () => this.#cut(`not ended ${withinMs} ms after it was told to`),
      withinMs,
    );
    const end = await this.ended;
    clearTimeout(timer);
    return end;
  }

  /** Its own signs of life end with a launcher that cannot give them. */
  #beat(): void {
    const timeoutMs = this.#hasBegun
      ? this.#options.timeoutMs
      : Math.max(BEGIN_MS, this.#options.timeoutMs);
    this.send({ type: 'heartbeat' });
    const silentMs = performance.now() - this.#heardAtMs;
    if (silentMs > timeoutMs) this.#cut(`nothing heard for ${timeoutMs} ms`);
  }

  #cut(reason: string): void {
    this.#reason ??= reason;
    killGroup(this.#process.pid);
  }

  #hear(line: string): void {
    const news = readLine(newsSchema, line);
    if (news === undefined) return this.#stray(line);
    this.#heardAtMs = performance.now();
    this.#hasBegun = true;
    if (news.type === 'stopped') this.#reason ??= news.reason;
    if (!this.#isOver) this.#options.onNews(news);
  }

  #stray(text: string): void {
    this.#lastStray = text;
    this.#options.onStray(text);
  }

  #end(code: number | null): AgentEnd {
    clearInterval(this.#timer);
    this.#isOver = true;
    const how = code === null ? 'ssh was ended' : `ssh ended with ${code}`;
    const stray = this.#lastStray.replace(/\.$/, '');
    const said = stray === '' ? '' : `: ${stray}`;
    const reason = this.#reason ?? how + said;
    return { wasAsked: this.#wasAsked, reason };
  }
}
