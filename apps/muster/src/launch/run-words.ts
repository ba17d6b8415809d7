/**
 * Runs a command of this machine to its end, within a time.
 */
import { spawn } from 'node:child_process';
import { performance } from 'node:perf_hooks';
import { killGroup } from './process-group.js';

/** How a command ended. */
export type WordsEnd =
  | {
      readonly kind: 'ended';
      /** Null when a signal ended it. */
      readonly code: number | null;
      readonly stdout: string;
      readonly stderr: string;
      /** From its start to its end. */
      readonly tookMs: number;
    }
  | { readonly kind: 'late'; readonly afterMs: number }
  | { readonly kind: 'missing'; readonly message: string };

/** How it is run. */
export interface RunWordsOptions {
  /** Its standard input. Default: nothing. */
  readonly input?: string;
  /** After so long it is ended. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** The most that is kept of what it says. Characters. */
const MAX_KEPT = 1_000_000;

/**
 * Runs words to their end; never rejects. It leads a session of its own: the
 * Ctrl-C of a terminal does not reach it.
 */
export function runWords(
  [command = '', ...args]: readonly string[],
  { input = '', timeoutMs, signal }: RunWordsOptions,
): Promise<WordsEnd> {
  return new Promise((resolve) => {
    const startMs = performance.now();
    const child = spawn(command, args, {
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: true,
    });
    const kill = () => killGroup(child.pid);
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      kill();
    }, timeoutMs);
    signal?.addEventListener('abort', kill);
    if (signal?.aborted === true) kill();
    const end = (how: WordsEnd) => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', kill);
      resolve(how);
    };
    const [stdout, stderr] = [keep(child.stdout), keep(child.stderr)];
    // it may end before it has read everything
    child.stdin.on('error', () => undefined).end(input);
    child.once('error', ({ message }) => end({ kind: 'missing', message }));
    child.once('close', (code) => {
      const tookMs = performance.now() - startMs;
      if (isLate) end({ kind: 'late', afterMs: timeoutMs });
      else
        end({
          kind: 'ended',
          ...{ code, stdout: stdout(), stderr: stderr(), tookMs },
        });
    });
  });
}

/** Collects what a stream says. */
function keep(stream: NodeJS.ReadableStream): () => string {
  let text = '';
  stream.setEncoding('utf8');
  stream.on('data', (chunk: string) => {
    if (text.length < MAX_KEPT) text += chunk;
  });
  return () => text;
}
