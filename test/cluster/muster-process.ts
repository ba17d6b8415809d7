/**
 * The built command as a person starts it: a real process whose output is
 * read, whose children are known, and of which nothing is left.
 */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { afterEach } from 'vitest';
import { eventually } from './eventually.js';
import { MARK_VARIABLE, killAll, processesMarked } from './process-table.js';
import type { LiveProcess } from './process-table.js';

/** How a command is started. */
export interface StartOptions {
  /** Variables beside the inherited ones. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Another entry than the command's: path below `apps/`. */
  readonly entry?: string;
  /** Whether it leads a process group, as under a shell. Default false. */
  readonly group?: boolean;
  /** Words before it that run it somewhere else, as the same process. */
  readonly prefix?: readonly string[];
}

/** How a command ended, and all it said. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

const ENTRY = 'muster/dist/main.js';
/** A report at the end of every training would cost as much as a small one. */
const NO_REPORT = { MUSTER_REPORT: 'off' };
const GONE_MS = 10_000;

/** Processes that outlived the command that had started them. */
const leftovers: string[] = [];

/** Makes a test fail that leaves processes behind. Once in every spec file. */
export function failOnLeftovers(): void {
  afterEach(() => {
    const found = leftovers.splice(0);
    if (found.length > 0) throw new Error(found.join('; '));
  });
}

/** One command. Dispose of it: that ends it and whatever it has started. */
export class MusterProcess implements AsyncDisposable {
  /** Resolves when it has ended and its output is read; never rejects. */
  readonly ended: Promise<Exit>;
  readonly #mark = randomUUID();
  readonly #process: ChildProcess;
  readonly #title: string;
  #stdout = '';
  #stderr = '';
  #isOver = false;

  private constructor(args: readonly string[], options: StartOptions) {
    const { env, cwd, entry = ENTRY, group = false, prefix = [] } = options;
    const path = fileURLToPath(new URL(`../../apps/${entry}`, import.meta.url));
    this.#title = `${entry === ENTRY ? 'muster' : entry} ${args.join(' ')}`;
    const words = [...prefix, process.execPath, path, ...args];
    const child = spawn(String(words[0]), words.slice(1), {
      env: {
        ...inheritedEnvironment(),
        ...NO_REPORT,
        ...env,
        [MARK_VARIABLE]: this.#mark,
      },
      ...(cwd !== undefined && { cwd }),
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: group,
    });
    this.#process = child;
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.#stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr += text;
    });
    this.ended = new Promise((resolve) => {
      child.once('close', (code, signal) => {
        this.#isOver = true;
        const { stdout, stderr } = this;
        resolve({ code, signal, stdout, stderr });
      });
    });
  }

  /** Starts a command; its words are `args`. */
  static start(
    args: readonly string[],
    options: StartOptions = {},
  ): MusterProcess {
    return new MusterProcess(args, options);
  }

  get pid(): number {
    return this.#process.pid!;
  }
  /** All of it so far. */
  get stdout(): string {
    return this.#stdout;
  }
  /** All of it so far. */
  get stderr(): string {
    return this.#stderr;
  }

  /** Itself, its children and orphans, as long as they live. */
  processes(): Promise<LiveProcess[]> {
    return processesMarked(this.#mark);
  }

  /** Waits as `eventually` does, but no longer than the command runs. */
  waitFor<T>(
    what: string,
    probe: () => T | undefined | false | Promise<T | undefined | false>,
    deadlineMs?: number,
  ): Promise<T> {
    const orOver = async () => {
      const wasOver = this.#isOver;
      const found = await probe();
      if (found !== undefined && found !== false) return found;
      if (wasOver) throw new Error(`no ${what}: it has ended${this.#said()}`);
      return undefined;
    };
    return eventually(what, orOver, deadlineMs, () => this.#said());
  }

  /** Waits for the end. */
  async exit(deadlineMs = 120_000): Promise<Exit> {
    await this.waitFor('the end', () => this.#isOver, deadlineMs);
    return this.ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const left = await this.processes();
    if (this.#isOver && left.length > 0) {
      const names = left.map(({ pid, name }) => `${name} (${pid})`).join(', ');
      leftovers.push(`'${this.#title}' has ended and left ${names}`);
    }
    killAll(left);
    const isGone = async () => (await this.processes()).length === 0;
    await eventually('the end of every process', isGone, GONE_MS);
  }

  #said(): string {
    return `\n$ ${this.#title}\n${this.#stdout}${this.#stderr}`;
  }
}

/** Runs a command to its end. */
export async function muster(
  args: readonly string[],
  options: StartOptions = {},
): Promise<Exit> {
  await using command = MusterProcess.start(args, options);
  return await command.exit();
}

/** This process's environment without settings, and without the runner's. */
export function inheritedEnvironment(): NodeJS.ProcessEnv {
  const ours = /^(MUSTER_|PS_|WORKER_|VITEST|NODE_OPTIONS|NODE_ENV|TF_)/;
  const entries = Object.entries(process.env);
  return Object.fromEntries(entries.filter(([name]) => !ours.test(name)));
}
