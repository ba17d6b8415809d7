/**
 * A server that an engine would start again for ever: it stays when its run
 * has ended, tells late workers so, and ends when it is told to.
 */
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { failOnLeftovers, MusterProcess } from '../cluster/muster-process.js';
import { signalTo } from '../cluster/process-table.js';
import { Workbench } from '../cluster/workbench.js';
import { linesOf } from './log-lines.js';

failOnLeftovers();

let bench: Workbench;
let run: string;

beforeAll(async () => {
  bench = await Workbench.create();
  await using training = bench.train({ epochs: 1 });
  await training.summary();
  run = (await training.files()).path;
}, 60_000);
afterAll(() => bench[Symbol.asyncDispose]());

/** Serves the run, which has come to its end, as a container would. */
function serve(env: Readonly<Record<string, string>>): MusterProcess {
  return MusterProcess.start([], {
    entry: 'parameter-server/dist/main.js',
    env: { PS_RUN: run, PS_TOKEN_FILE: join(run, 'token'), ...env },
  });
}

it('ends with its run, unless it is told to stay', async () => {
  await using server = serve({});
  expect((await server.exit()).code).toBe(0);
});

it('stays, tells late workers, and ends when it is told to', async () => {
  await using server = serve({ PS_AFTER_END: 'stay' });
  const logged = (event: string) =>
    server.waitFor(event, () =>
      linesOf(server.stderr).find((line) => line['event'] === event),
    );
  const { url, metricsUrl } = await logged('listening');
  await logged('ended');
  const ready = await fetch(`${String(metricsUrl)}/readyz`);
  expect(await ready.text()).toBe('not ready: ended\n');

  // an engine's worker that comes back after the end
  await using worker = MusterProcess.start([], {
    entry: 'worker/dist/main.js',
    env: {
      WORKER_SERVER: String(url),
      WORKER_TOKEN_FILE: join(run, 'token'),
      WORKER_DATA: bench.data,
      WORKER_BACKEND: 'wasm',
      JOB_COMPLETION_INDEX: '3',
    },
  });
  const { code, stderr } = await worker.exit();
  expect(code, stderr).toBe(0);
  expect(linesOf(stderr)[0]).toMatchObject({ workerId: 'worker-3' });

  signalTo(server.pid, 'SIGTERM');
  expect((await server.exit()).code).toBe(0);
});
