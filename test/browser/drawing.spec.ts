/**
 * Asking the network: mouse, touch, keys, a digit of the test set; and what
 * the page says when there is no answer.
 */
import { drawn } from '@muster/dashboard/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually } from '../cluster/eventually.js';
import { TestBrowser } from './chromium.js';
import { describeInBrowser } from './describe-in-browser.js';
import { ScriptedPage } from './scripted-page.js';

let browser: TestBrowser;

/** Waits until the feed was asked, and gives the image. */
function asked(run: ScriptedPage, number = 1): Promise<Uint8Array> {
  return eventually('a question', () => run.feed.asked[number - 1]);
}

/** Centre of mass [x, y] of 28 by 28 pixels. */
function centre(image: Uint8Array): [number, number] {
  let [mass, x, y] = [0, 0, 0];
  image.forEach((ink, at) => {
    mass += ink;
    x += ink * ((at % 28) + 0.5);
    y += ink * (Math.floor(at / 28) + 0.5);
  });
  return [x / mass, y / mass];
}

function expectCentred(image: Uint8Array): void {
  expect(image).toHaveLength(784);
  const [x, y] = centre(image);
  // rounding to whole grey levels moves it by less than a tenth of a pixel
  expect(x).toBeCloseTo(14, 0);
  expect(y).toBeCloseTo(14, 0);
}

describeInBrowser('the drawing pad', () => {
  beforeAll(async () => {
    browser = await TestBrowser.launch();
  }, 60_000);
  afterAll(() => browser[Symbol.asyncDispose]());

  it('takes the mouse, and shows the answer as bars', async () => {
    await using run = await ScriptedPage.open(browser, 230);
    const { at } = run;
    const pad = at.page.locator('#pad');
    await pad.scrollIntoViewIfNeeded();
    const { x, y } = (await pad.boundingBox())!;
    const { mouse } = at.page;
    await mouse.move(x + 30, y + 30);
    await mouse.down();
    await mouse.move(x + 90, y + 30, { steps: 4 });
    await mouse.move(x + 60, y + 130, { steps: 6 });
    // a stroke is not over: nobody is asked
    expect(run.feed.asked).toEqual([]);
    await mouse.up();
    expectCentred(await asked(run));
    await at.saw('#verdict', 'This is a 4, says version 250 (94.0 %).');
    const bars = at.page.locator('#verdict-bars li');
    expect(await bars.count()).toBe(10);
    expect(await bars.nth(4).getAttribute('class')).toBe('best');
    expect(await bars.nth(9).textContent()).toMatch(/^96\.0\s%$/);
    await at.screenshot('drawn-light');
    await at.page.locator('#clear').click();
    await at.saw('#verdict', 'Nothing drawn yet.');
    expect(run.feed.asked).toHaveLength(1);
  });

  it('takes a finger', async () => {
    await using run = await ScriptedPage.open(browser, 230, {
      viewport: { width: 360, height: 740 },
      hasTouch: true,
      isMobile: true,
    });
    const { page } = run.at;
    await page.locator('#pad').scrollIntoViewIfNeeded();
    const { x, y } = (await page.locator('#pad').boundingBox())!;
    const before = await run.at.evaluate<number>('scrollY');
    const session = await page.context().newCDPSession(page);
    const touch = (type: string, ...points: readonly number[][]) =>
      session.send('Input.dispatchTouchEvent', {
        type: type as 'touchStart',
        touchPoints: points.map(([dx = 0, dy = 0]) => ({
          x: x + dx,
          y: y + dy,
        })),
      });
    await touch('touchStart', [60, 20]);
    for (let dy = 40; dy <= 120; dy += 20) await touch('touchMove', [60, dy]);
    await touch('touchEnd');
    expectCentred(await asked(run));
    // the page did not scroll away under the finger
    expect(await run.at.evaluate('scrollY')).toBe(before);
  });

  it('takes keys, and says where the pen is', async () => {
    await using run = await ScriptedPage.open(browser, 230);
    const { at } = run;
    const { keyboard } = at.page;
    await at.page.locator('#pad').focus();
    await keyboard.press('ArrowUp');
    await at.saw('#pen', 'Pen up, row 14, column 15');
    await keyboard.press(' ');
    for (let down = 0; down < 5; down += 1) await keyboard.press('ArrowDown');
    await at.saw('#pen', 'Pen down, row 19, column 15');
    const image = await asked(run);
    expectCentred(image);
    await at.saw('#verdict', /^This is a 4/);
    await keyboard.press('Delete');
    await at.saw('#pen', /^Cleared\./);
    await at.saw('#verdict', 'Nothing drawn yet.');
  });

  it('asks about a digit of the test set as it is', async () => {
    await using run = await ScriptedPage.open(browser, 230);
    await run.at.page.locator('#mistakes button').first().click();
    expect([...(await asked(run))]).toEqual([...drawn(4)]);
    await run.at.saw('#verdict', /^Test image 247, a 4, is a 4, says version/);
  });

  it('says in words why there is no answer', async () => {
    await using run = await ScriptedPage.open(browser, 400);
    const { at, feed } = run;
    const error = Object.assign(new Error('nobody'), {
      code: 'ERR_NO_WORKERS',
    });
    feed.answer = () => Promise.reject(error);
    await at.page.locator('#mistakes button').first().click();
    await at.saw('#verdict', /^No worker is there to answer/);
    await run.dashboard.close();
    await at.page.locator('#mistakes button').nth(1).click();
    await at.saw('#verdict', 'The server is out of reach: nobody to ask.');
  });

  it('asks one thing at a time, and the newest last', async () => {
    await using run = await ScriptedPage.open(browser, 230);
    const { at, feed } = run;
    const answer = feed.answer;
    let release: (() => void) | undefined;
    feed.answer = async (image) => {
      await new Promise<void>((resolve) => (release = resolve));
      return answer(image);
    };
    const digits = at.page.locator('#mistakes button');
    await digits.nth(0).click();
    await asked(run);
    await digits.nth(1).click();
    await digits.nth(2).click();
    expect(feed.asked).toHaveLength(1);
    feed.answer = answer;
    release!();
    // the digit in the middle was never asked about: 3 came after it
    expect([...(await asked(run, 2))]).toEqual([...drawn(3)]);
    await at.saw('#verdict', /^Test image 1 901, a 3, is a 4/);
  });
});
