import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { backoffDelayMs, dialWithBackoff, type Clock } from './backoff.js';
import { RecordingServer, deadUrl } from './testing.js';

const handlers = { onPacket: () => undefined };

describe('backoffDelayMs', () => {
  it('doubles up to the cap', () => {
    const settings = { baseMs: 100, capMs: 1000 };
    const most = [0, 1, 2, 3, 4, 2000].map((attempt) =>
      backoffDelayMs(attempt, () => 1, settings),
    );
    expect(most).toEqual([100, 200, 400, 800, 1000, 1000]);
  });

  it('is the random share of it: full jitter', () => {
    const unit = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true });
    fc.assert(
      fc.property(fc.nat(5000), unit, (attempt, share) => {
        const settings = { baseMs: 100, capMs: 1000 };
        const whole = backoffDelayMs(attempt, () => 1, settings);
        const delay = backoffDelayMs(attempt, () => share, settings);
        expect(delay).toBe(share * whole);
      }),
    );
  });
});

/** Time that passes only while somebody waits. */
class TestClock implements Clock {
  readonly waits: number[] = [];
  /** Runs instead of the n-th wait, if it is there. */
  readonly during: (() => Promise<unknown>)[] = [];
  #now = 1000;
  readonly now = () => this.#now;
  readonly wait = async (delayMs: number) => {
    this.waits.push(delayMs);
    this.#now += delayMs;
    await this.during.shift()?.();
  };
}

describe('dialWithBackoff', () => {
  const common = { handlers, random: () => 0.5 };

  it('goes on until the server is there', async () => {
    const clock = new TestClock();
    const url = await deadUrl();
    let server: RecordingServer | undefined;
    clock.during.push(
      () => Promise.resolve(),
      async () => {
        const port = Number(new URL(url).port);
        server = await RecordingServer.start({ port });
      },
    );
    await using near = await dialWithBackoff({
      ...common,
      ...{ urls: [url], clock, giveUpAfterMs: 60_000 },
    });
    expect(clock.waits).toEqual([50, 100]); // half of 100 and of 200
    expect(near.remote).toBe(url);
    await server!.close();
  });

  it('gives up in time, with the last error and the count', async () => {
    const clock = new TestClock();
    const url = await deadUrl();
    const retries: number[] = [];
    const attempt = dialWithBackoff({
      ...common,
      ...{ urls: [url], clock, giveUpAfterMs: 200 },
      onRetry: (error, delayMs) => {
        expect(error.code).toBe('ERR_SERVER_UNREACHABLE');
        retries.push(delayMs);
      },
    });
    // Waits of 50 and 100; the third, of 200, is cut to what is left.
    await expect(attempt).rejects.toMatchObject({
      code: 'ERR_SERVER_UNREACHABLE',
      message: `no parameter server at ${url}: ECONNREFUSED (--server); gave up after 4 attempts in 200 ms`,
    });
    expect(clock.waits).toEqual([50, 100, 50]);
    expect(retries).toEqual(clock.waits);
  });

  it('does not try again where that cannot help', async () => {
    await using server = await RecordingServer.start({ token: 'secret' });
    const clock = new TestClock();
    const { url } = server;
    await expect(
      dialWithBackoff({ ...common, urls: [url], clock, giveUpAfterMs: 60_000 }),
    ).rejects.toMatchObject({ code: 'ERR_UNAUTHORIZED' });
    expect(clock.waits).toEqual([]);
  });

  it('ends a real wait with the reason of the signal', async () => {
    const url = await deadUrl();
    const abort = new AbortController();
    await expect(
      dialWithBackoff({
        ...common,
        urls: [url],
        giveUpAfterMs: Infinity,
        backoff: { baseMs: 1e6, capMs: 1e6 },
        signal: abort.signal,
        onRetry: () => abort.abort(new Error('stop')),
      }),
    ).rejects.toThrow('stop');
  });
});
