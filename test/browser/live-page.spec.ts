/**
 * The live page in a real browser, on a run that a script tells of: what it
 * shows, and that it shows what happens.
 */
import {
  drawn,
  scriptedIncidents,
  scriptedPictures,
  scriptedPoints,
  scriptedState,
} from '@muster/dashboard/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually } from '../cluster/eventually.js';
import { TestBrowser } from './chromium.js';
import { describeInBrowser } from './describe-in-browser.js';
import { ScriptedPage } from './scripted-page.js';

let browser: TestBrowser;
/** The run at step 230, for tests that only look. */
let shown: ScriptedPage;

describeInBrowser('the live page', () => {
  beforeAll(async () => {
    browser = await TestBrowser.launch();
    shown = await ScriptedPage.open(browser, 230);
  }, 60_000);
  afterAll(async () => {
    await shown[Symbol.asyncDispose]();
    await browser[Symbol.asyncDispose]();
  });

  it('waits for workers before the first step', async () => {
    await using run = await ScriptedPage.open(browser, 0);
    const { at } = run;
    expect(await at.text('#state')).toBe('gathering');
    expect(await at.text('#run-id')).toBe('20260714-101500-k7p2');
    expect(await at.text('#answer-learning .text')).toBe(
      'no step was applied yet',
    );
    expect(await at.text('#curve-loss .readout')).toBe('no step yet');
    expect(await at.page.locator('#workers tr').count()).toBe(1);
    await at.screenshot('start-light');
    expect(at.problems).toEqual([]);
  });

  it('shows the figures of the run', async () => {
    const { at } = shown;
    expect(await at.text('#state')).toBe('running');
    expect(await at.text('#where')).toBe('epoch 3 of 4 · step 230 of 400');
    // 170 steps of 0.09 s
    expect(await at.text('#eta')).toBe('15 s left');
    expect(await at.page.locator('#progress').getAttribute('value')).toBe(
      '230',
    );
    // 1 - 0.034 / 2^0.75 = 0.97978
    expect(await at.text('#test-accuracy')).toBe('97.98 %');
    expect(await at.text('#answer-pace .value')).toBe('6 512 images/s');
    expect(await at.text('#active-workers')).toBe('4 active');
    expect(await at.text('#goodput')).toBe('98.4 %');
    expect(await at.text('#reproducible')).toBe('yes, bit for bit');
    expect(await at.text('#facts')).toContain('607 394 parameters');
    expect(await at.page.title()).toMatch(/^running 57\s% · 20260714/);
    await at.screenshot('running-light');
    expect(at.problems).toEqual([]);
  });

  it('draws curves, and reads them out by keys', async () => {
    const { at } = shown;
    for (const curve of ['loss', 'accuracy', 'throughput']) {
      const inked = await at.evaluate<number>(`(() => {
        const canvas = document.querySelector('#curve-${curve} canvas');
        const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
        let inked = 0;
        for (let i = 3; i < data.length; i += 4) if (data[i] > 200) inked += 1;
        return inked;
      })()`);
      // a line as wide as half of the picture has more than 150 pixels
      expect(inked, curve).toBeGreaterThan(150);
    }
    await at.page.locator('#curve-loss .plot').focus();
    await at.page.keyboard.press('ArrowLeft');
    // 230 points in strides of a sixtieth
    await at.saw('#curve-loss .readout', /^step 226: 0\.\d+/);
    const words = await at.page
      .locator('#curve-loss .plot')
      .getAttribute('aria-label');
    expect(words).toMatch(/^Loss over the steps: 0\.\d+ at step 230, test set/);
  });

  it('has a row a worker, with its phases to scale and in words', async () => {
    const { at } = shown;
    const [, , , slow] = scriptedState(230).workers;
    const phases = slow!.phasesMs;
    const total = Object.values(phases).reduce((sum, one) => sum + one, 0);
    const row = at.page.locator('#workers tr').nth(3);
    expect(await row.locator('.worker').textContent()).toBe('worker-3');
    expect(await row.textContent()).toContain('2.1×, straggler');
    const bar = row.locator('.phases');
    const whole = (await bar.boundingBox())!.width;
    const part = (await bar.locator('.phase-compute').boundingBox())!.width;
    // gaps of a pixel lie between the six parts
    const expected = (whole * phases.compute) / total;
    expect(Math.abs(part - expected)).toBeLessThan(6);
    const words = await bar.getAttribute('aria-label');
    expect(words).toContain('computing 71\u00a0ms');
    const tip = row.locator('.tip');
    expect(await tip.isVisible()).toBe(false);
    await bar.focus();
    await tip.waitFor({ state: 'visible' });
  });

  it('shows who holds the leaves', async () => {
    const { at } = shown;
    const cells = at.page.locator('#leaves .cell');
    expect(await cells.count()).toBe(16);
    expect(await cells.nth(4).getAttribute('class')).toBe('cell summed w1');
    expect(await cells.nth(15).getAttribute('class')).toBe(
      'cell leased w3 backup',
    );
    expect(await cells.nth(15).textContent()).toBe('3');
    expect(await at.page.locator('#leaves').getAttribute('aria-label')).toBe(
      '16 leaves: 8 summed, 8 being computed, 0 open; ' +
        'held by worker-0 4, worker-1 4, worker-2 4, worker-3 4',
    );
  });

  it('tells of a worker that is lost and comes back', async () => {
    await using run = await ScriptedPage.open(browser, 140, {
      colorScheme: 'dark',
    });
    const { at, feed } = run;
    const happened = scriptedIncidents(200).slice(-3);
    const [lost, back] = happened;
    expect(await at.text('#answer-losses .value')).toBe('nothing');
    feed.emit(lost!, scriptedState(150));
    await at.saw('#answer-losses .value', '1 fault');
    await at.saw('#workers tr[data-state="lost"] .worker', 'worker-2');
    expect(await at.text('#answer-losses .text')).toMatch(/^worker-2 is away/);
    expect(await at.text('#active-workers')).toBe('3 active of 4');
    expect(await at.page.locator('#leaves .open').count()).toBe(4);
    await at.screenshot('worker-lost-dark');
    feed.emit(back!, scriptedState(160));
    await at.saw('#incidents li:first-child', /recovered in 1\.4 s/);
    expect(await at.text('#incidents li:nth-child(2)')).toContain(
      'worker lost',
    );
    expect(await at.page.locator('#lanes i.absent').count()).toBe(1);
    expect(await at.text('#lanes b')).toBe('1.4 s');
    expect(
      await at.page.locator('#workers tr[data-state="lost"]').count(),
    ).toBe(0);
  });

  it('takes back what a rollback undid', async () => {
    await using run = await ScriptedPage.open(browser, 262);
    const { at, feed } = run;
    feed.emit(scriptedPoints(251, 255), scriptedState(255));
    await at.saw('#where', /step 255 of 400$/);
    // its label ends with the last step that counts
    const label = at.page.locator('#curve-loss .plot');
    expect(await label.getAttribute('aria-label')).toContain('at step 255');
    // steps 251 to 262
    await at.saw('#curve-loss .readout', /^0\.\d+ · test 0\.\d+$/);
  });

  it('takes it back before there is anything new', async () => {
    await using run = await ScriptedPage.open(browser, 262);
    const { at, feed } = run;
    expect(await at.text('#test-accuracy')).not.toBe('–');
    // before the end of the first epoch
    feed.emit({ type: 'rollback', step: 90 });
    const label = at.page.locator('#curve-loss .plot');
    await eventually('the curve to end earlier', async () =>
      (await label.getAttribute('aria-label'))?.includes('at step 90'),
    );
    await at.saw('#curve-loss .readout', /^0\.\d+$/);
  });

  it('says why there are no mistakes, and why no hash', async () => {
    await using run = await ScriptedPage.open(browser, 262);
    const { at, feed } = run;
    const none = { ...scriptedPictures(262), mistakes: [] };
    feed.emit(none);
    await at.saw('#mistakes-when', '');
    expect(await at.page.locator('#no-mistakes').isVisible()).toBe(true);
    expect(await at.text('#no-mistakes')).toBe(
      'None yet: they come with the next evaluation on the test images.',
    );
    expect(await at.text('#hash')).toBe('once the run has finished');
    feed.emit({ ...scriptedState(400), parametersSha256: null });
    await at.saw('#hash', /^not known here: this server's folder lacks the/);
    expect(await at.page.locator('#copy').isVisible()).toBe(false);
    await at.saw('#no-mistakes', /^This run gives no pictures/);
  });

  it('shows filters, and the digits that it gets wrong', async () => {
    const { at } = shown;
    expect(await at.page.locator('#filters canvas').count()).toBe(28);
    expect(await at.page.locator('#mistakes > li').count()).toBe(6);
    const first = at.page.locator('#mistakes > li').first();
    expect(await first.locator('.truth').textContent()).toBe('4 taken for 9');
    expect(await first.locator('.bars li').first().textContent()).toMatch(
      /^997\.0\s%$/,
    );
    const ink = await at.evaluate<number[]>(`(() => {
      const canvas = document.querySelector('#mistakes canvas');
      const { data } = canvas.getContext('2d').getImageData(0, 0, 28, 28);
      return Array.from({ length: 784 }, (_, at) => data[4 * at + 3]);
    })()`);
    expect(ink).toEqual([...drawn(4)]);
  });

  it('paints at most ten times a second, however much happens', async () => {
    await using run = await ScriptedPage.open(browser, 1);
    const { at, feed } = run;
    await at.evaluate(`(() => {
      window.paints = 0;
      new MutationObserver(() => { window.paints += 1; })
        .observe(document.querySelector('#where'), { childList: true });
      window.since = performance.now();
    })()`);
    for (let step = 2; step <= 240; step += 1) {
      feed.emit(scriptedPoints(step, step), scriptedState(step));
      if (step % 10 === 0) await at.text('#where');
    }
    await at.saw('#where', /step 240 of 400$/);
    const { paints, seconds } = await at.evaluate<{
      paints: number;
      seconds: number;
    }>(`({ paints, seconds: (performance.now() - since) / 1000 })`);
    expect(paints).toBeGreaterThan(0);
    expect(paints).toBeLessThanOrEqual(1 + 10 * seconds);
  });
});
