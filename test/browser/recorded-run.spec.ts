/**
 * `muster dashboard RUN`: the page of a run that has ended shows what its
 * summary says, and what is damaged is done without.
 */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MusterProcess, failOnLeftovers } from '../cluster/muster-process.js';
import { signalTo } from '../cluster/process-table.js';
import type { RunFiles, Summary } from '../cluster/run-files.js';
import { NUM_TEST, STEPS_PER_EPOCH, Workbench } from '../cluster/workbench.js';
import { TestBrowser, missingChromium } from './chromium.js';

failOnLeftovers();

const reason = missingChromium();
const inBrowser = reason === undefined ? it : it.skip;
/** Pictures that the page shows at most. */
const MAX_MISTAKES = 12;
/** Of the small data set. */
const NUM_PIXELS = 14 * 14;
/** It has learned next to nothing then: there are mistakes to show. */
const SLOW = ['--learning-rate', '0.00001'];

let bench: Workbench;
let files: RunFiles;
let summary: Summary;

/** Serves the run by its folder. */
function start(): MusterProcess {
  const flags = ['--data', bench.data, '--backend', 'wasm'];
  return MusterProcess.start(['dashboard', files.path, ...flags]);
}

/** Waits for the page's address, without a slash at the end. */
function urlOf(command: MusterProcess): Promise<string> {
  return command.waitFor(
    'the address of the page',
    () => /^dashboard at (\S+)\/ /m.exec(command.stdout)?.[1],
  );
}

function ask(url: string): Promise<Response> {
  const headers = { 'content-type': 'application/octet-stream' };
  const body = new Uint8Array(NUM_PIXELS);
  return fetch(`${url}/api/classify`, { method: 'POST', headers, body });
}

describe('muster dashboard', () => {
  beforeAll(async () => {
    bench = await Workbench.create();
    const run = bench.train({ epochs: 1, flags: SLOW });
    files = await run.files();
    summary = await run.summary();
  }, 120_000);
  afterAll(() => bench[Symbol.asyncDispose]());

  inBrowser('shows what the summary says', async () => {
    await using browser = await TestBrowser.launch();
    await using command = start();
    const url = await urlOf(command);
    const at = await browser.open(`${url}/`);
    await at.saw('#state', 'finished');
    expect(await at.text('#run-id')).toBe(summary.runId);
    expect(await at.text('#hash')).toBe(summary.parametersSha256);
    const { steps, testAccuracy } = summary;
    expect(steps).toBe(STEPS_PER_EPOCH);
    const where = `epoch 1 of 1 · step ${steps} of ${steps}`;
    expect(await at.text('#where')).toBe(where);
    const accuracy = `${(100 * testAccuracy!).toFixed(2)} %`;
    expect(await at.text('#test-accuracy')).toBe(accuracy);
    await at.saw('#workers .worker', 'worker-0');
    await at.saw('#filters-what', /filters of 3×3/);
    const numWrong = Math.round((1 - testAccuracy!) * NUM_TEST);
    expect(numWrong).toBeGreaterThan(0);
    const cards = await at.page.locator('#mistakes > li').count();
    expect(cards).toBe(Math.min(numWrong, MAX_MISTAKES));
    expect(at.problems).toEqual([]);
  });

  it('lets the network answer, and ends by Ctrl-C', async () => {
    await using command = start();
    const url = await urlOf(command);
    const response = await ask(url);
    expect(response.status).toBe(200);
    const answer = (await response.json()) as {
      version: number;
      probabilities: number[];
    };
    expect(answer.version).toBe(summary.steps);
    const sum = answer.probabilities.reduce((a, b) => a + b, 0);
    expect(sum).toBeCloseTo(1, 5);
    signalTo(command.pid, 'SIGINT');
    const { code, stderr } = await command.exit();
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });

  it('serves what there is of a run that lacks its end', async () => {
    await rm(join(files.path, 'summary.json'));
    await rm(join(files.path, 'checkpoints'), { recursive: true });
    await using command = start();
    const url = await urlOf(command);
    expect(command.stderr).toContain('The run has not come to its end');
    expect(command.stderr).toContain('no parameters to show or to ask: ');
    const response = await ask(url);
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({ code: 'ERR_NO_WORKERS' });
    const stream = await fetch(`${url}/api/events`);
    const reader = stream.body!.getReader();
    const { value } = (await reader.read()) as { value: Uint8Array };
    await reader.cancel();
    const told = new TextDecoder().decode(value);
    expect(told).toContain(`"step":${STEPS_PER_EPOCH},`);
    expect(told).toContain('"phase":"running"');
  });
});
