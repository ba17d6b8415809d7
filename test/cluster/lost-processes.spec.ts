/**
 * What happens when processes of a run are killed: the command says so and
 * ends, and no process is left, whichever one it was.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually } from './eventually.js';
import {
  failOnLeftovers,
  inheritedEnvironment,
  muster,
  MusterProcess,
} from './muster-process.js';
import { expectPlainError } from './plain-error.js';
import { signalTo } from './process-table.js';
import { outcomeOf } from './run-files.js';
import { ENDLESS, Workbench } from './workbench.js';

failOnLeftovers();

/** How long processes may need to end by themselves. */
const ALONE_MS = 10_000;

/** How long they may need where nobody is left to end them with force. */
const GONE_MS = 30_000;

/** How long the command waits before it ends its processes with force. */
const GRACE_MS = 10_000;

let bench: Workbench;
beforeAll(async () => {
  bench = await Workbench.create();
});
afterAll(() => bench[Symbol.asyncDispose]());

/** Nothing is started again: the first loss counts. */
const NO_RESTARTS = ['--max-restarts', '0'];

/** Starts a run of two workers that does not end while a test looks. */
function startLongRun(flags: readonly string[] = []) {
  return bench.train({ workers: 2, epochs: ENDLESS, flags });
}

it('ends with ERR_NO_WORKERS when every worker is killed', async () => {
  await using run = startLongRun(NO_RESTARTS);
  await run.reached(3);
  await run.signal('SIGKILL', 'worker-0', 'worker-1');
  const { path } = await run.files();
  expectPlainError(await run.exit(), {
    exitCode: 1,
    code: 'ERR_NO_WORKERS',
    message: new RegExp(
      `every worker of the run has ended.*worker-\\d ended \\(SIGKILL\\).*${path}`,
    ),
  });
});

it('ends with ERR_NO_WORKERS when every worker is told to stop', async () => {
  await using run = startLongRun();
  await run.reached(3);
  await run.signal('SIGTERM', 'worker-0', 'worker-1');
  expectPlainError(await run.command.exit(ALONE_MS), {
    exitCode: 1,
    code: 'ERR_NO_WORKERS',
    message: /every worker of the run has ended/,
  });
});

it('ends with ERR_PROCESS_FAILED when the server is killed', async () => {
  await using run = startLongRun(NO_RESTARTS);
  await run.reached(3);
  await run.signal('SIGKILL', 'server');
  const { path } = await run.files();
  expectPlainError(await run.exit(), {
    exitCode: 1,
    code: 'ERR_PROCESS_FAILED',
    message: new RegExp(
      `the parameter server ended unexpectedly \\(SIGKILL\\).*${path}.*--resume`,
    ),
  });
});

it('goes on with --resume after the server was killed, with the same bits', async () => {
  await using undisturbed = bench.train();
  const expected = outcomeOf(await undisturbed.summary());

  const flags = ['--checkpoint-every', '5', ...NO_RESTARTS];
  await using run = bench.train({ flags, slow: true });
  await run.reached(20);
  await run.signal('SIGKILL', 'server');
  const { code } = await run.exit();
  expect(code).toBe(1);
  const { path } = await run.files();
  await using rest = bench.resume(path, { workers: 2 });
  expect(outcomeOf(await rest.summary())).toEqual(expected);
});

it('does not wait for workers that come when the run has ended', async () => {
  await using whole = bench.train({ epochs: 1 });
  await whole.summary();
  const files = await whole.files();
  // All is done: the server ends before a worker has loaded its backend.
  await using again = bench.resume(files.path, { workers: 2 });
  await again.summary();
  const log = await files.log('server');
  const ended = log.findLast(({ event }) => event === 'ended');
  const waitedMs = Date.now() - Date.parse(String(ended?.['time']));
  expect(waitedMs).toBeLessThan(GRACE_MS / 2);
});

it('ends with 130 when it is stopped before the first step', async () => {
  await using run = startLongRun();
  await run.files();
  signalTo(run.command.pid, 'SIGINT');
  const { code, stderr } = await run.exit();
  expect(code, stderr).toBe(130);
  expect(stderr).not.toContain('ERR_');
});

it('ends with 130 and leaves no process when it is stopped twice', async () => {
  await using run = startLongRun();
  await run.reached(3);
  // Frozen workers say no goodbye: stopping in good order takes a while.
  await run.signal('SIGSTOP', 'worker-0', 'worker-1');
  signalTo(run.command.pid, 'SIGINT');
  await run.command.waitFor('the answer to the first SIGINT', () =>
    run.command.stderr.includes('again to stop at once'),
  );
  signalTo(run.command.pid, 'SIGINT');
  expect((await run.exit()).code).toBe(130);
  const isAlone = async () => (await run.command.processes()).length === 0;
  await eventually('the end of server and workers', isAlone, ALONE_MS);
});

it('leaves no process when the command itself is killed', async () => {
  await using run = startLongRun();
  await run.reached(3);
  await run.pidsOf('worker-1');
  signalTo(run.command.pid, 'SIGKILL');
  const isAlone = async () => (await run.command.processes()).length === 0;
  await eventually('the end of server and workers', isAlone, GONE_MS);
  // They were told, and stopped in good order: the run can go on.
  const files = await run.files();
  const log = await files.log('server');
  expect(log.at(-1)).toMatchObject({ event: 'ended', outcome: 'drained' });
});

it('leaves no process when muster worker is killed', async () => {
  await using server = bench.serve({ epochs: ENDLESS });
  const { path } = await server.files();
  await using worker = MusterProcess.start([
    ...['worker', '--server', await server.url(), '--backend', 'wasm'],
    ...['--token-file', `${path}/token`, '--data', bench.data],
  ]);
  await server.reached(3);
  signalTo(worker.pid, 'SIGKILL');
  const isAlone = async () => (await worker.processes()).length === 0;
  await eventually('the end of the worker', isAlone, GONE_MS);
});

it.each(['worker', 'parameter-server'])(
  'leaves no %s that has not loaded yet when the command is killed',
  async (app) => {
    const words = ['--data', bench.data, '--out', bench.out];
    const run = `of-a-lost-${app}`;
    expect((await muster(['create', run, ...words])).code).toBe(0);
    const entry = new URL(`../../apps/${app}/dist/main.js`, import.meta.url);
    const settings = {
      ...{ PS_RUN: join(bench.out, run), PS_DATA: bench.data },
      ...{ WORKER_SERVER: 'ws://127.0.0.1:1', WORKER_BACKEND: 'wasm' },
    };
    const child = fork(entry, {
      execArgv: [],
      env: { ...inheritedEnvironment(), ...settings },
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    const ended = once(child, 'exit');
    // As when its launcher dies: nobody in there hears of it yet.
    child.disconnect();
    const isGone = () => child.exitCode !== null;
    try {
      await eventually(`the end of the ${app}`, isGone, GONE_MS);
    } finally {
      child.kill('SIGKILL');
      await ended;
    }
    expect(child.exitCode).toBe(0);
  },
);
