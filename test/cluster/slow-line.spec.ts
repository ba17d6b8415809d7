/**
 * The slow line itself: other specs rely on it wherever they act in the middle
 * of a training.
 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { failOnLeftovers } from './muster-process.js';
import { Workbench } from './workbench.js';

failOnLeftovers();

/** A push, by its bytes. Milliseconds; a clock's last digit is rounded. */
const PUSH_MS = 30;

let bench: Workbench;
beforeAll(async () => {
  bench = await Workbench.create();
});
afterAll(() => bench[Symbol.asyncDispose]());

it.each([1, 2])(
  'makes a step take 30 ms at least, on %i servers',
  async (servers) => {
    await using run = bench.train({ servers, slow: true });
    await run.reached(11);
    const files = await run.files();
    const times = (await files.metrics())
      .filter(({ type }) => type === undefined)
      .map(({ atMs }) => Number(atMs));
    expect((times[10]! - times[0]!) / 10).toBeGreaterThan(PUSH_MS - 1);
    await run.summary();
  },
);
