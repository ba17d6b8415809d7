/**
 * How often an address has shown no token, or a wrong one. Beyond the limit
 * nobody of that address is listened to until the window is over, so that a
 * token cannot be guessed at the speed of the network.
 */
import { addressKey } from './address-key.js';

/** Addresses that are remembered; the oldest is forgotten first. */
const MAX_ADDRESSES = 4096;

interface Account {
  readonly sinceMs: number;
  numFailed: number;
}

/** See the head of this file. Time comes in, in monotone milliseconds. */
export class FailedLogins {
  readonly #maxFailed: number;
  readonly #windowMs: number;
  readonly #accounts = new Map<string, Account>();

  /**
   * @param maxFailed failures of an address within a window.
   * @param windowMs from the first failure; milliseconds.
   */
  constructor(maxFailed: number, windowMs: number) {
    this.#maxFailed = maxFailed;
    this.#windowMs = windowMs;
  }

  /** Addresses that are remembered. */
  get size(): number {
    return this.#accounts.size;
  }

  /** Milliseconds until an address is listened to again; 0: it is now. */
  blockedMs(address: string, nowMs: number): number {
    const account = this.#accountOf(addressKey(address), nowMs);
    if (account === undefined || account.numFailed < this.#maxFailed) return 0;
    return account.sinceMs + this.#windowMs - nowMs;
  }

  /** Notes a failure. */
  failed(address: string, nowMs: number): void {
    const key = addressKey(address);
    const account = this.#accountOf(key, nowMs);
    if (account !== undefined) {
      account.numFailed += 1;
      return;
    }
    this.#accounts.set(key, { sinceMs: nowMs, numFailed: 1 });
    if (this.#accounts.size <= MAX_ADDRESSES) return;
    const [oldest] = this.#accounts.keys();
    if (oldest !== undefined) this.#accounts.delete(oldest);
  }

  #accountOf(key: string, nowMs: number): Account | undefined {
    const account = this.#accounts.get(key);
    if (account === undefined) return undefined;
    if (nowMs < account.sinceMs + this.#windowMs) return account;
    this.#accounts.delete(key);
    return undefined;
  }
}
