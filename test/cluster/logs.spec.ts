/**
 * `muster logs` on a real run that is followed while it goes on, fails because
 * a worker is killed again and again, and fails once more because its data
 * were damaged.
 */
import {
  appendFile,
  mkdir,
  readFile,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { failOnLeftovers, muster, MusterProcess } from './muster-process.js';
import type { Exit } from './muster-process.js';
import { timeOf } from './run-files.js';
import type { RunFiles } from './run-files.js';
import { ENDLESS, Workbench } from './workbench.js';

failOnLeftovers();

let bench: Workbench;
let files: RunFiles;
/** How the command that trained ended, and the one that followed it. */
let trained: Exit;
let followed: Exit;

/** When a worker was killed. Epoch milliseconds. */
const killedAtMs: number[] = [];

beforeAll(async () => {
  bench = await Workbench.create();
  const flags = ['--max-restarts', '1'];
  await using run = bench.train({ workers: 2, epochs: ENDLESS, flags });
  files = await run.files();
  await run.url();
  await using follower = MusterProcess.start(['logs', files.path, '--follow']);
  await run.event('worker-1', 'working');
  killedAtMs.push(await run.signal('SIGKILL', 'worker-1'));
  await run.event('worker-1', 'working', {}, killedAtMs[0]);
  killedAtMs.push(await run.signal('SIGKILL', 'worker-1'));
  trained = await run.exit();
  followed = await follower.exit();
}, 120_000);
afterAll(() => bench[Symbol.asyncDispose]());

/** What `muster logs` says of the run. */
async function told(...flags: readonly string[]): Promise<string[]> {
  const exit = await muster(['logs', files.path, ...flags]);
  expect(exit.code, exit.stderr).toBe(0);
  return exit.stdout.trimEnd().split('\n');
}

/** The last line of a text. */
const lastOf = (text: string) => text.trimEnd().split('\n').at(-1);

const CAUSE =
  /^earliest cause: \d+\.\d s after the start, worker-1 ended \(SIGKILL\) \(ERR_PROCESS_FAILED\); what to do: somebody killed it, or the machine ran out of memory/;

describe('a run whose worker is killed more often than it is restarted', () => {
  it('ends with the earliest cause, after what ended it', () => {
    expect(trained.code).toBe(1);
    expect(trained.stderr).toMatch(
      /^muster: worker-1 ended \(SIGKILL\); not started again after 1 restarts.*\(ERR_PROCESS_FAILED\)$/m,
    );
    expect(lastOf(trained.stderr)).toMatch(CAUSE);
  });

  it('has every process in one list, in the order of time', async () => {
    const lines = await told();
    const at = (pattern: RegExp) => lines.findIndex((l) => pattern.test(l));
    const order = [
      /muster +run begins: 2 workers, 1 servers/,
      /server-0 +listens at ws:/,
      /worker-1 +working/,
      /muster +warn: worker-1 ended by SIGKILL/,
      /muster +error: worker-1 ended by SIGKILL/,
      /muster +error: run failed: worker-1 ended/,
    ].map(at);
    expect(order).toEqual(order.toSorted((a, b) => a - b));
    expect(order).not.toContain(-1);
  });

  it('says when the cause was: the first of two kills', async () => {
    const [start] = (await files.log('muster')).map(timeOf);
    const cause = (await told('--tail', '0')).at(-1) ?? '';
    expect(cause).toMatch(CAUSE);
    const seconds = Number(/([\d.]+) s after/.exec(cause)?.[1]);
    const [first = 0, second = 0] = killedAtMs.map(
      (atMs) => (atMs - Number(start)) / 1000,
    );
    // the launcher hears of an end at once; ends are told to a tenth
    expect(Math.abs(seconds - first)).toBeLessThan((second - first) / 2);
  });

  it('was followed to its end, with the same lines and the same cause', async () => {
    expect(followed.code, followed.stderr).toBe(0);
    const words = (text: string) =>
      text.replace(/^\s*[\d:.]+\s+(\S+)\s+/, '$1 ');
    const whole = (await told()).map(words);
    expect(followed.stdout.trimEnd().split('\n').map(words).toSorted()).toEqual(
      whole.toSorted(),
    );
    expect(lastOf(followed.stdout)).toMatch(CAUSE);
  });

  it('writes no colours into a pipe', () => {
    expect(followed.stdout).not.toContain('\u001b');
  });

  it('is told of one worker alone, whoever says it', async () => {
    const lines = (await told('--worker', 'worker-0')).slice(0, -1);
    expect(lines.some((line) => /server-0 +worker-0 joined/.test(line))).toBe(
      true,
    );
    for (const line of lines) expect(line).toContain('worker-0');
  });

  it('is told from a level on, and from a time on', async () => {
    const important = (await told('--level', 'error')).slice(0, -1);
    expect(important.length).toBeGreaterThan(0);
    for (const line of important) expect(line).toContain(' error: ');
    expect(await told('--since', '9:00:00')).toHaveLength(1);
  });

  it('is told as JSON, each line with its log', async () => {
    const lines = (await told('--json')).map(
      (line) => JSON.parse(line) as Record<string, unknown>,
    );
    const logs = new Set(lines.slice(0, -1).map(({ log }) => log));
    expect([...logs].sort()).toEqual([
      ...['muster', 'server-0', 'worker-0', 'worker-1'],
    ]);
    expect(lines.at(-1)).toMatchObject({
      ...{ event: 'earliest-cause', who: 'worker-1' },
    });
  });

  it('counts the lines that it leaves out', async () => {
    const log = join(files.path, 'logs', 'worker-0.log');
    const before = await readFile(log, 'utf8');
    await appendFile(log, '{"level":"info","time":"2026-');
    const exit = await muster(['logs', files.path]);
    expect(exit.stderr).toBe('muster: 1 damaged line left out\n');
    await truncate(log, Buffer.byteLength(before));
  });
});

it('says of a run that fails of its data what the worker said', async () => {
  await truncate(join(bench.data, 'train-images-idx3-ubyte'), 1000);
  await using again = bench.resume(files.path, {
    flags: ['--data-bytes-per-second', '0'],
  });
  const { code, stderr } = await again.exit();
  expect(code, stderr).toBe(1);
  const said =
    /^earliest cause: \d+\.\d s after the start, worker-0: .*(expected|no data).* \(ERR_DATASET_\w+\); what to do: /;
  expect(lastOf(stderr)).toMatch(said);
  expect((await told()).at(-1)).toMatch(said);
});

describe('muster logs', () => {
  it('ends, and says so, when the launcher is gone without a word', async () => {
    const run = join(bench.path, 'abandoned');
    await mkdir(join(run, 'logs'), { recursive: true });
    const begun = {
      ...{ level: 'info', time: new Date().toISOString(), name: 'muster' },
      // no process has this id: Linux gives none above 4194304
      ...{ event: 'run-started', pid: 4_194_305, host: hostname() },
    };
    const file = join(run, 'logs', 'muster.log');
    await writeFile(file, `${JSON.stringify(begun)}\n`);
    const exit = await muster(['logs', run, '--follow']);
    expect(exit.code, exit.stderr).toBe(0);
    expect(exit.stderr).toMatch(/^muster: the launcher is gone .*--resume\n$/);
  });

  it.each([
    [['nowhere'], 'ERR_RUN_NOT_FOUND'],
    [['nowhere', '--level', 'loud'], 'ERR_CONFIG'],
  ])('%o ends with %s', async (words, code) => {
    const exit = await muster(['logs', ...words, '--out', bench.out]);
    expect(exit).toMatchObject({ code: 2, stdout: '' });
    expect(exit.stderr).toContain(`(${code})`);
  });
});
