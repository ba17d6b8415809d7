/**
 * The live page on a real training of two servers: what it shows is what the
 * run's summary says and what the run's folder holds, and a worker that is
 * killed is seen.
 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { MusterProcess, failOnLeftovers } from '../cluster/muster-process.js';
import type { Summary } from '../cluster/run-files.js';
import type { Training } from '../cluster/training.js';
import { NUM_TEST, STEPS_PER_EPOCH, Workbench } from '../cluster/workbench.js';
import { TestBrowser } from './chromium.js';
import { describeInBrowser } from './describe-in-browser.js';
import type { OpenPage } from './chromium.js';

failOnLeftovers();

/** Long enough for a browser to open and a worker to be killed and replaced. */
const EPOCHS = 40;
/** There are mistakes to show to the end. */
const LEARNS_LITTLE = ['--learning-rate', '0.000001'];
/** Pictures that the page shows at most. */
const MAX_MISTAKES = 12;

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
      ...{ servers: 2, workers: 2, epochs: EPOCHS, slow: true },
      flags: [...LEARNS_LITTLE, '--dashboard-port', '0'],
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

  it('shows what the network gets wrong', async () => {
    const words = /^the surest first, by version ([1-9]\d*); press one/;
    const said = await at.saw('#mistakes-when', words);
    // an epoch's end, and no step in between
    expect(Number(words.exec(said)?.[1]) % STEPS_PER_EPOCH).toBe(0);
    const cards = await cardsOn(at);
    expect(cards).toHaveLength(MAX_MISTAKES);
    for (const card of cards) {
      const [, label, answer] =
        /^Test image \d+: a (\d), taken for a (\d) with \d/.exec(card) ?? [];
      expect([label, answer]).toEqual([
        expect.stringMatching(/^[0-3]$/),
        expect.stringMatching(/^[0-3]$/),
      ]);
      expect(label).not.toBe(answer);
    }
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
    // each server has a part: their last checkpoints say it together
    await at.saw('#hash', summary.parametersSha256);
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

  it("shows the mistakes that the run's folder gives", async () => {
    await at.saw('#mistakes-when', new RegExp(`by version ${summary.steps};`));
    const { path } = await run.files();
    const flags = ['--data', bench.data, '--backend', 'wasm'];
    await using command = MusterProcess.start(['dashboard', path, ...flags]);
    const url = await command.waitFor(
      'the address of the page',
      () => /^dashboard at (\S+) /m.exec(command.stdout)?.[1],
    );
    const recorded = await browser.open(url);
    const when = await at.text('#mistakes-when');
    await recorded.saw('#mistakes-when', when);
    const cards = await cardsOn(at);
    const numWrong = Math.round((1 - summary.testAccuracy!) * NUM_TEST);
    expect(cards).toHaveLength(Math.min(numWrong, MAX_MISTAKES));
    expect(await cardsOn(recorded)).toEqual(cards);
  });
});

/** Of each mistake on a page its image, in words, and its probabilities. */
async function cardsOn({ page }: OpenPage): Promise<string[]> {
  const cards = await page.locator('#mistakes > li').all();
  return Promise.all(
    cards.map(async (card) => {
      const name = await card.locator('button').getAttribute('aria-label');
      const bars = await card.locator('.bars').textContent();
      return `${name} ${bars}`;
    }),
  );
}
