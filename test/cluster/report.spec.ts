/**
 * The report of a run with two kills: both are in it, with the time that their
 * recoveries took; and what it says of a run that is damaged or not finished.
 */
import { appendFile, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { failOnLeftovers, muster } from './muster-process.js';
import { timeOf } from './run-files.js';
import type { RunFiles, Summary } from './run-files.js';
import { GLOBAL_BATCH, NUM_TEST, Workbench } from './workbench.js';

failOnLeftovers();

/** Long enough for two kills. */
const EPOCHS = 5;
const SOME_STEP = 12;

/** What `muster report --json` prints. */
interface Printed {
  readonly state: { readonly word: string; readonly text: string };
  readonly recoveries: readonly {
    readonly process: string;
    readonly kind: string;
    readonly what: string;
    readonly seconds: number;
    readonly stepsRedone: number;
    readonly redoneSeconds?: number;
  }[];
  readonly test: {
    readonly skipped?: string;
    readonly correct: number;
    readonly confusion: number[][];
    readonly hardest: { label: number; probabilities: number[] }[];
  };
}

let bench: Workbench;
let files: RunFiles;
let summary: Summary;
let said: string;
/** From the kill to the last line that ends the recovery. Seconds. */
let workerSeconds: number;
let serverSeconds: number;

beforeAll(async () => {
  bench = await Workbench.create();
  const flags = ['--checkpoint-every', '5', '--report', 'on'];
  await using run = bench.train({ epochs: EPOCHS, flags, slow: true });
  // with one worker training waits until it is back: the run cannot end first
  await run.reached(SOME_STEP);
  const workerAt = await run.signal('SIGKILL', 'worker-0');
  const works = await run.event('worker-0', 'working', {}, workerAt);
  const step = await run.reached(SOME_STEP + 1);
  await run.reached(step + 1);
  const serverAt = await run.signal('SIGKILL', 'server');
  const on = await run.event('server', 'training-resumed', {}, serverAt);
  summary = await run.summary();
  said = run.command.stderr;
  files = await run.files();
  workerSeconds = (timeOf(works) - workerAt) / 1000;
  serverSeconds = (timeOf(on) - serverAt) / 1000;
}, 120_000);
afterAll(() => bench[Symbol.asyncDispose]());

/** Makes the report again; gives what is printed. */
async function report(...words: string[]): Promise<Printed> {
  const exit = await muster(['report', files.path, '--json', ...words]);
  expect(exit.code, exit.stderr).toBe(0);
  return JSON.parse(exit.stdout) as Printed;
}

describe('the report of a run with two kills', () => {
  it('shows both with their recovery times', async () => {
    const { recoveries } = await report('--no-evaluate');
    expect(recoveries).toMatchObject([
      { process: 'worker-0', kind: 'worker', what: 'killed (SIGKILL)' },
      { process: 'server', kind: 'server', what: 'killed (SIGKILL)' },
    ]);
    // The processes notice the kill after it was sent, within a moment; half
    // a second is much for that, and little beside a start of a process.
    const [worker, server] = recoveries;
    expect(worker?.seconds).toBeGreaterThan(0);
    expect(worker?.seconds).toBeLessThanOrEqual(workerSeconds);
    expect(server?.seconds).toBeGreaterThan(0);
    expect(server?.seconds).toBeLessThanOrEqual(serverSeconds);
    const [html, markdown] = await Promise.all(
      ['report.html', 'report.md'].map((name) => files.text(name)),
    );
    for (const { process, seconds } of recoveries) {
      const time = `${seconds.toFixed(2)} s`;
      expect(html).toContain(`<td class="">${process}</td>`);
      expect(html).toContain(`>${time}</td>`);
      // in the table, and in the time line beside the process's row
      expect(html).toContain(`>${time}</text>`);
      expect(markdown).toMatch(
        new RegExp(
          `^\\| [\\d:]+ \\| ${process} \\| killed.* \\| ${time} \\|`,
          'm',
        ),
      );
    }
  });

  it('tells which steps were done again', async () => {
    const { recoveries } = await report('--no-evaluate');
    const server = recoveries[1];
    const lines = await files.metrics();
    const rewinds = lines.filter(({ type }) => type === 'rewind');
    const redone = rewinds.map(({ step, from }) => Number(from) - Number(step));
    // A checkpoint every 5 steps: fewer than 5 were lost but for one that was
    // being written; and it may be that none was.
    expect(redone.reduce((a, b) => a + b, 0)).toBe(server?.stepsRedone);
    expect(server?.stepsRedone).toBeLessThan(10);
    const isRedone = server?.redoneSeconds !== undefined;
    expect(isRedone).toBe(server!.stepsRedone > 0);
  });

  it('was made at the end of the training, which says where', async () => {
    const path = join(files.path, 'report.html');
    expect(said).toContain(`  report         ${path}\n`);
    // it is no part of what the training printed for programs
    expect(summary.steps).toBe((EPOCHS * 600) / GLOBAL_BATCH);
  });

  it('asks nobody for anything and runs nothing', async () => {
    const html = await files.text('report.html');
    expect(html).not.toMatch(/<script|<link|<iframe|@import|url\(|https?:\/\//);
    expect(html).not.toMatch(/\son\w+=/);
    expect(html).toContain(
      `content="default-src &#39;none&#39;; img-src data:;`,
    );
  });

  it('says how to have the same bits again', async () => {
    const markdown = await files.text('report.md');
    const [, command = ''] = /```\n(npx muster train[^`]*)\n```/.exec(
      markdown,
    )!;
    const words = command.split(/\s*\\\n\s*|\s+/).slice(2);
    expect(words).toContain('--seed');
    expect(markdown).toContain(`SHA-256 ${summary.parametersSha256}`);
    const again = await muster([
      ...words,
      ...['--out', bench.out, '--json', '--workers', '2'],
    ]);
    expect(again.code, again.stderr).toBe(0);
    const { parametersSha256 } = JSON.parse(again.stdout) as Summary;
    expect(parametersSha256).toBe(summary.parametersSha256);
  });
});

describe('the test set in a report', () => {
  it('has the figures of the summary', async () => {
    const { test } = await report();
    const all = test.confusion.flat().reduce((sum, count) => sum + count, 0);
    const right = test.confusion.map((row, label) => row[label]!);
    expect(all).toBe(NUM_TEST);
    expect(right.reduce((sum, count) => sum + count, 0)).toBe(test.correct);
    expect(test.correct).toBe(Math.round(summary.testAccuracy! * NUM_TEST));
    const sureness = test.hardest.map(
      ({ label, probabilities }) => probabilities[label]!,
    );
    expect(sureness).toEqual([...sureness].sort((a, b) => a - b));
    const html = await files.text('report.html');
    expect(html.match(/src="data:image\/png;base64,iVBOR/g)).toHaveLength(24);
  });

  it('is left out where the data are not there, and the report says so', async () => {
    const nowhere = join(bench.path, 'nowhere');
    const { test } = await report('--data', nowhere);
    expect(test.skipped).toMatch(/^The test set was not evaluated: .*nowhere/);
    expect(await files.text('report.html')).toContain('nowhere');
  });
});

describe('the report of what is not whole', () => {
  it('passes damaged lines over, and tells of them', async () => {
    await appendFile(join(files.path, 'metrics.jsonl'), '{"step":\n');
    const to = join(bench.path, 'elsewhere');
    await report('--no-evaluate', '--to', to);
    const html = await readFile(join(to, 'report.html'), 'utf8');
    const lines = (await files.text('metrics.jsonl')).split('\n').length - 1;
    expect(html).toContain(
      `metrics.jsonl: passed over 1 damaged lines (${lines}).`,
    );
  });

  it('says that a run has not finished', async () => {
    const path = join(files.path, 'summary.json');
    await rename(path, `${path}.away`);
    const { state } = await report('--no-evaluate');
    await rename(`${path}.away`, path);
    expect(state.word).toBe('unfinished');
    expect(await files.text('report.md')).toContain(
      'so its bits are not known yet',
    );
  });

  it('names what is no run, and what it cannot write', async () => {
    const none = await muster(['report', bench.path]);
    expect(none.code).toBe(2);
    expect(none.stderr).toContain('ERR_RUN_NOT_FOUND');
    const file = await bench.write('file', '');
    const words = ['report', files.path, '--no-evaluate', '--to', file];
    const exit = await muster(words);
    expect(exit.stderr).toContain(file);
    expect(exit.stderr).toContain('--to');
    expect(exit.code).toBe(2);
    await rm(file);
  });
});
