/**
 * The live page's connection: lost and found again, over with the run, and
 * closed to who has no token.
 */
import {
  SCRIPTED_SHA256,
  ScriptedFeed,
  scriptedPoints,
  scriptedRun,
  scriptedState,
} from '@muster/dashboard/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually } from '../cluster/eventually.js';
import { TestBrowser } from './chromium.js';
import { describeInBrowser } from './describe-in-browser.js';
import { ScriptedPage, serve } from './scripted-page.js';

const TOKEN = 'a-token-of-a-run-0123456789';

let browser: TestBrowser;

describeInBrowser('the connection', () => {
  beforeAll(async () => {
    browser = await TestBrowser.launch();
  }, 60_000);
  afterAll(() => browser[Symbol.asyncDispose]());

  it('comes back after the server was gone, and knows what happened', async () => {
    await using run = await ScriptedPage.open(browser, 150);
    const { at, dashboard } = run;
    await dashboard.close();
    await at.saw('#connection', /^connection lost \(.*\), trying again in/);
    // what was known stays
    expect(await at.text('#where')).toBe('epoch 2 of 4 · step 150 of 400');
    await at.screenshot('connection-lost-light');
    const feed = new ScriptedFeed(scriptedRun(180));
    const again = await serve(feed, { port: dashboard.port });
    try {
      await at.saw('#connection', 'live');
      await at.saw('#where', 'epoch 2 of 4 · step 180 of 400');
      // told once: the history was not added to what was known
      const label = at.page.locator('#curve-loss .plot');
      expect(await label.getAttribute('aria-label')).toContain('at step 180');
      expect(await at.page.locator('#incidents li').count()).toBe(7);
      feed.emit(scriptedPoints(181, 181), scriptedState(181));
      await at.saw('#where', /step 181 of 400$/);
    } finally {
      await again.close();
    }
  });

  it('is over with the run, whose last state stays', async () => {
    await using run = await ScriptedPage.open(browser, 399);
    const { at, feed, dashboard } = run;
    feed.emit(...scriptedRun(400).slice(-1));
    await at.saw('#state', 'finished');
    expect(await at.text('#connection')).toBe('ended');
    expect(await at.text('#hash')).toBe(SCRIPTED_SHA256);
    await at.page
      .context()
      .grantPermissions(['clipboard-read', 'clipboard-write']);
    await at.page.locator('#copy').click();
    await at.saw('#copied', /^copied|^selected/);
    await dashboard.close();
    await at.saw('#connection', 'ended; this is its last state');
    expect(await at.text('#where')).toBe('epoch 4 of 4 · step 400 of 400');
    const streams = at.requests.filter((url) => url.endsWith('/api/events'));
    expect(streams).toHaveLength(1);
  });

  it('asks for the token, and keeps it out of the address', async () => {
    const feed = new ScriptedFeed(scriptedRun(230));
    await using dashboard = disposable(
      await serve(feed, {
        login: (header) =>
          header === undefined
            ? 'missing'
            : header === `Bearer ${TOKEN}`
              ? 'ok'
              : 'wrong',
      }),
    );
    const { url } = dashboard.of;
    await using at = await browser.open(url);
    await at.saw('#connection', 'token needed');
    expect(await at.page.locator('#main').isVisible()).toBe(false);
    await at.screenshot('token-light');
    await at.page.locator('#token').fill('wrong');
    await at.page.keyboard.press('Enter');
    await at.saw('#connection', 'token refused');
    await at.page.locator('#token').fill(TOKEN);
    await at.page.keyboard.press('Enter');
    await at.saw('#where', /step 230 of 400$/);
    expect(await at.page.locator('#token-form').isVisible()).toBe(false);
    await using other = await browser.open(`${url}/#token=${TOKEN}`);
    await other.saw('#where', /step 230 of 400$/);
    expect(other.page.url()).toBe(`${url}/`);
    expect(other.requests.filter((one) => one.includes(TOKEN))).toEqual([
      // the browser's own address; what is behind # is not sent
      ...other.requests.filter((one) => one === `${url}/#token=${TOKEN}`),
    ]);
    await other.page.reload();
    await other.saw('#where', /step 230 of 400$/);
    expect(other.problems).toEqual([]);
  });

  it('lets go of the server when the page is closed', async () => {
    await using run = await ScriptedPage.open(browser, 150);
    expect(run.feed.numListeners).toBe(1);
    await run.at[Symbol.asyncDispose]();
    await eventually('the stream to end', () => run.dashboard.numPages === 0);
  });
});

/** Something that is closed, as `await using` wants it. */
function disposable<T extends { close(): Promise<void> }>(of: T) {
  return { of, [Symbol.asyncDispose]: () => of.close() };
}
