/**
 * Dials until it works: exponential waits with full jitter, so that the
 * workers of a server that comes back do not all knock at once. Source: Marc
 * Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
 */
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { MusterError, toMusterError } from '@muster/protocol';
import type { Connection } from './connection.js';
import { dial, type DialOptions } from './dial.js';

/** How the waits grow. Milliseconds. */
export interface BackoffSettings {
  /** Upper end of the first wait. Default 100. */
  readonly baseMs: number;
  /** Upper end of every wait. Default 5000. */
  readonly capMs: number;
}

const DEFAULT_BACKOFF: BackoffSettings = { baseMs: 100, capMs: 5000 };

/** {@link DialOptions}, and how long to go on. */
export interface BackoffOptions extends Omit<DialOptions, 'url'> {
  /** Addresses of the same peer, tried in turn; at least one. */
  readonly urls: readonly string[];
  /**
   * No attempt begins later than this after the first. Milliseconds; 0 tries
   * once, Infinity for ever.
   */
  readonly giveUpAfterMs: number;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  readonly backoff?: Partial<BackoffSettings> | undefined;
  /** An attempt has failed, and the next is `delayMs` away. */
  readonly onRetry?:
    | ((error: MusterError, delayMs: number) => void)
    | undefined;
  /** Ends attempts and waits alike. */
  readonly signal?: AbortSignal | undefined;
  /** Time itself, for tests. Default: the monotonic clock and a timer. */
  readonly clock?: Clock | undefined;
}

/** Reads time and lets it pass. */
export interface Clock {
  /** Monotonic. Milliseconds. */
  readonly now: () => number;
  /** Resolves after `delayMs`; rejects, its timer cleared, at the abort. */
  readonly wait: (delayMs: number, signal?: AbortSignal) => Promise<void>;
}

const REAL_CLOCK: Clock = {
  now: () => performance.now(),
  wait: (delayMs, signal) => sleep(delayMs, undefined, signal && { signal }),
};

/**
 * Gives the wait after a failed attempt:
 * `random() * min(capMs, baseMs * 2 ** attempt)`.
 *
 * @param attempt failed attempts before this one, from 0
 * @returns milliseconds in [0, capMs)
 */
export function backoffDelayMs(
  attempt: number,
  random: () => number,
  { baseMs, capMs }: BackoffSettings,
): number {
  return random() * Math.min(capMs, baseMs * 2 ** attempt);
}

/**
 * Dials until the server answers, the time is up, the signal aborts, or an
 * error comes that trying again cannot mend (token, version, setting).
 *
 * @throws MusterError of the last attempt; the signal's own reason
 */
export async function dialWithBackoff(
  options: BackoffOptions,
): Promise<Connection> {
  const { clock = REAL_CLOCK, giveUpAfterMs, random, signal } = options;
  const backoff = { ...DEFAULT_BACKOFF, ...options.backoff };
  const start = clock.now();
  for (let attempt = 0; ; attempt += 1) {
    const { urls } = options;
    const result = await tryDial({
      ...options,
      url: urls[attempt % urls.length] ?? '',
    });
    if (!(result instanceof MusterError)) return result;
    const leftMs = start + giveUpAfterMs - clock.now();
    if (!result.retryable) throw result;
    if (leftMs <= 0) throw gaveUp(result, attempt + 1, giveUpAfterMs);
    const delayMs = Math.min(backoffDelayMs(attempt, random, backoff), leftMs);
    options.onRetry?.(result, delayMs);
    await wait(clock, delayMs, signal);
  }
}

async function tryDial(
  options: DialOptions & Pick<BackoffOptions, 'signal'>,
): Promise<Connection | MusterError> {
  try {
    return await dial(options);
  } catch (error) {
    options.signal?.throwIfAborted();
    return toMusterError(error);
  }
}

async function wait(
  clock: Clock,
  delayMs: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  try {
    await clock.wait(delayMs, signal);
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
}

function gaveUp(
  last: MusterError,
  numAttempts: number,
  giveUpAfterMs: number,
): MusterError {
  return new MusterError(
    last.code,
    `${last.message}; gave up after ${numAttempts} attempts in ${giveUpAfterMs} ms`,
    { cause: last },
  );
}
