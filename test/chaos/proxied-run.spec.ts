/**
 * A real run whose workers reach their server through the proxy: the faults
 * of connections do not show in its bits.
 */
import { createRandomStream } from '@muster/data';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { failOnLeftovers, MusterProcess } from '../cluster/muster-process.js';
import { outcomeOf } from '../cluster/run-files.js';
import { SlowLine } from '../cluster/slow-line.js';
import { TOTAL_STEPS, Workbench } from '../cluster/workbench.js';
import { FaultProxy } from './fault-proxy.js';

failOnLeftovers();

let bench: Workbench;
beforeAll(async () => {
  bench = await Workbench.create();
});
afterAll(() => bench[Symbol.asyncDispose]());

/** What is done when a step is reached, one after the other. */
const FAULTS: readonly [step: number, act: (proxy: FaultProxy) => unknown][] = [
  [3, (proxy) => proxy.slow({ bytesPerSecond: 4e6, latencyMs: 5 }, 500)],
  [8, (proxy) => proxy.cut()],
  [13, (proxy) => proxy.cutOne(createRandomStream(1))],
  [18, (proxy) => proxy.halfOpen(500)],
  [24, (proxy) => [proxy.refuse(300), proxy.cut()]],
];

it('ends with the bits of the undisturbed run', async () => {
  await using undisturbed = bench.train({ workers: 2 });
  const expected = outcomeOf(await undisturbed.summary());

  await using run = bench.serve();
  const files = await run.files();
  const { port } = new URL(await run.url());
  await using proxy = new FaultProxy(Number(port));
  await proxy.start();
  const line = SlowLine.begin(bench.path);
  const join = () =>
    MusterProcess.start(
      [
        ...['worker', '--server', proxy.url, '--backend', 'wasm'],
        ...['--token-file', `${files.path}/token`, '--data', bench.data],
      ],
      // all frames are to go through the proxy
      { env: { ...line.env, MUSTER_SHARED_MEMORY: 'off' } },
    );
  await using first = join();
  await using second = join();
  for (const [step, act] of FAULTS) {
    expect(await run.reached(step)).toBeLessThan(TOTAL_STEPS);
    act(proxy);
  }
  line.end();
  expect((await run.exit()).code).toBe(0);
  expect([(await first.exit()).code, (await second.exit()).code]).toEqual([
    0, 0,
  ]);
  expect(outcomeOf(await files.summary())).toEqual(expected);
});
