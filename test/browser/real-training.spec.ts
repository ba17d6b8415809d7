/**
 * The live page on a real training: what it shows is what the run's summary
 * says, and a worker that is killed is seen.
 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { failOnLeftovers } from '../cluster/muster-process.js';
import type { Summary } from '../cluster/run-files.js';
import type { Training } from '../cluster/training.js';
import { STEPS_PER_EPOCH, Workbench } from '../cluster/workbench.js';
import { TestBrowser } from './chromium.js';
import { describeInBrowser } from './describe-in-browser.js';
import type { OpenPage } from './chromium.js';

failOnLeftovers();

/** Long enough for a browser to open and a worker to be killed and replaced. */
const EPOCHS = 40;

let bench: Workbench;
let browser: TestBrowser;
let run: Training;
let at: OpenPage;
let summary: Summary;

describeInBrowser('a real training', () => {
  beforeAll(async () => {
    bench = await Workbench.create();
    browser = await TestBrowser.launch();
    run = bench.train({
      ...{ workers: 2, epochs: EPOCHS, slow: true },
      flags: ['--dashboard-port', '0'],
    });
    const url = await run.command.waitFor('the address of the page', () => {
      const { stdout, stderr } = run.command;
      return /^dashboard at (\S+)$/m.exec(stdout + stderr)?.[1];
    });
    at = await browser.open(url);
  }, 120_000);
  afterAll(async () => {
    await run[Symbol.asyncDispose]();
    await browser[Symbol.asyncDispose]();
    await bench[Symbol.asyncDispose]();
  });

  it('is seen while it goes on', async () => {
    await at.saw('#state', 'running');
    await at.saw('#where', /^epoch \d+ of 40 · step [1-9][\d ]* of 600$/);
    expect(await at.text('#facts')).toContain('600 to train, 200 to test');
    await at.saw('#workers .worker >> nth=1', 'worker-1');
    await at.saw('#test-accuracy', /^\d+\.\d\d %$/);
    await at.saw('#filters-what', /filters of 3×3/);
  });

  it('says what the network sees in a drawing', async () => {
    await at.page.locator('#pad').scrollIntoViewIfNeeded();
    const { x, y, width, height } = (await at.page
      .locator('#pad')
      .boundingBox())!;
    const { mouse } = at.page;
    await mouse.move(x + width / 2, y + height / 5);
    await mouse.down();
    await mouse.move(x + width / 2, y + (4 * height) / 5, { steps: 8 });
    await mouse.up();
    await at.saw(
      '#verdict',
      /^This is a \d, says version [1-9][\d ]* \([\d.]+ %\)\.$/,
    );
    // the workbench's digits are of four classes
    expect(await at.page.locator('#verdict-bars li').count()).toBe(4);
  });

  it('shows a worker that is killed', async () => {
    await run.signal('SIGKILL', 'worker-1');
    await at.saw('#incidents', /worker lostworker-1/);
    // on a busy machine others may be taken for lost as well
    await at.saw('#answer-losses .value', /^[1-9]\d* faults?$/);
    await at.saw('#incidents', /worker backworker-1.*recovered in \d/);
    await at.screenshot('real-training');
  });

  it('shows at the end what the summary says', async () => {
    summary = await run.summary();
    await at.saw('#state', 'finished');
    expect(await at.text('#run-id')).toBe(summary.runId);
    expect(await at.text('#hash')).toBe(summary.parametersSha256);
    const steps = EPOCHS * STEPS_PER_EPOCH;
    expect(summary.steps).toBe(steps);
    expect(await at.text('#where')).toBe(
      `epoch ${EPOCHS} of ${EPOCHS} · step ${steps} of ${steps}`,
    );
    expect(await at.text('#test-accuracy')).toBe(
      `${(100 * summary.testAccuracy!).toFixed(2)} %`,
    );
    const words = await at.page
      .locator('#curve-loss .plot')
      .getAttribute('aria-label');
    expect(words).toContain(`at step ${steps}`);
    await at.saw('#connection', 'ended; this is its last state');
    expect(at.problems).toEqual([]);
  });
});
