/**
 * The live page for everybody: both themes, a phone, the keyboard alone, little
 * motion; and nobody else is told of it.
 */
import { pageFiles } from '@muster/dashboard';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { TestBrowser } from './chromium.js';
import { describeInBrowser } from './describe-in-browser.js';
import { faintTexts } from './contrast.js';
import { ScriptedPage } from './scripted-page.js';

/** All files of the page, uncompressed. Bytes. */
const MAX_WEIGHT = 200_000;

let browser: TestBrowser;

describeInBrowser('the live page', () => {
  beforeAll(async () => {
    browser = await TestBrowser.launch();
  }, 60_000);
  afterAll(() => browser[Symbol.asyncDispose]());

  it('has enough contrast in both themes', async () => {
    await using run = await ScriptedPage.open(browser, 0);
    const { at } = run;
    for (const step of [0, 150, 400]) {
      await run.tell(step);
      for (const colorScheme of ['light', 'dark'] as const) {
        await at.page.emulateMedia({ colorScheme });
        const { checked, faint } = await faintTexts(at);
        expect(checked).toBeGreaterThan(60);
        expect(faint, `${colorScheme}, step ${step}`).toEqual([]);
        if (step === 400) await at.screenshot(`finished-${colorScheme}`);
      }
    }
  });

  it('keeps the theme that was chosen', async () => {
    await using run = await ScriptedPage.open(browser, 150, {
      colorScheme: 'light',
    });
    const { at } = run;
    const ground = () =>
      at.evaluate<string>('getComputedStyle(document.body).backgroundColor');
    const curve = () =>
      at.evaluate<string>(
        `document.querySelector('#curve-loss canvas').toDataURL()`,
      );
    const [light, lightCurve] = [await ground(), await curve()];
    const button = at.page.locator('#theme');
    await button.click();
    expect(await at.text('#theme')).toBe('Theme: light');
    expect(await ground()).toBe(light);
    await button.click();
    expect(await at.text('#theme')).toBe('Theme: dark');
    const dark = await ground();
    expect(dark).not.toBe(light);
    expect(await curve()).not.toBe(lightCurve);
    await at.page.reload();
    await at.saw('#where', /step 150 of 400$/);
    expect(await ground()).toBe(dark);
    expect(await at.text('#theme')).toBe('Theme: dark');
  });

  it('fits a phone, nothing to scroll sideways', async () => {
    await using run = await ScriptedPage.open(browser, 0, {
      viewport: { width: 360, height: 740 },
      isMobile: true,
      hasTouch: true,
    });
    const { at } = run;
    for (const step of [0, 290, 400]) {
      await run.tell(step);
      const widths = await at.evaluate<number[]>(
        '[document.documentElement.scrollWidth, innerWidth]',
      );
      expect(widths, `step ${step}`).toEqual([360, 360]);
      // the table's head is there for screen readers alone
      const beyond = await at.evaluate<string[]>(`
        [...document.querySelectorAll('main :not(thead, thead *), header *')]
          .filter((one) => one.checkVisibility({ visibilityProperty: true }))
          .filter((one) => one.getBoundingClientRect().right > 361)
          .map((one) => one.outerHTML.slice(0, 80))`);
      expect(beyond, `step ${step}`).toEqual([]);
      if (step === 290) await at.screenshot('phone');
    }
  });

  it('can be used by the keyboard alone', async () => {
    await using run = await ScriptedPage.open(browser, 230);
    const { at } = run;
    const { keyboard } = at.page;
    const focus = `(() => {
      const { id, className, textContent, tagName } = document.activeElement;
      const { outlineStyle } = getComputedStyle(document.activeElement);
      return { name: id || className || textContent, tagName, outlineStyle };
    })()`;
    await keyboard.press('Tab');
    const skip = await at.evaluate<{ name: string }>(focus);
    expect(skip.name).toBe('skip');
    await keyboard.press('Enter');
    expect(await at.evaluate('document.activeElement.id')).toBe('main');
    const reached: string[] = [];
    for (let tab = 0; tab < 40; tab += 1) {
      await keyboard.press('Tab');
      const now = await at.evaluate<{
        name: string;
        tagName: string;
        outlineStyle: string;
      }>(focus);
      if (now.tagName === 'BODY') break;
      reached.push(now.name);
      expect(now.outlineStyle, now.name).toBe('solid');
    }
    // three curves, four bars of phases, list, pad, button, six mistakes
    expect(reached).toHaveLength(3 + 4 + 1 + 1 + 1 + 6);
    expect(reached).toContain('pad');
    expect(reached).toContain('incidents');
  });

  it('has landmarks, a heading a section, and names for pictures', async () => {
    await using run = await ScriptedPage.open(browser, 230);
    const { at } = run;
    expect(await at.page.getByRole('banner').count()).toBe(1);
    expect(await at.page.getByRole('main').count()).toBe(1);
    expect(await at.page.getByRole('heading', { level: 1 }).count()).toBe(1);
    const regions = at.page.getByRole('region');
    expect(await regions.count()).toBe(9);
    const nameless = await at.evaluate<string[]>(`
      [...document.querySelectorAll('[role=img], [role=application], button, progress')]
        .filter((one) => !one.hidden)
        .filter((one) => !(one.getAttribute('aria-label') || one.textContent.trim()))
        .map((one) => one.outerHTML.slice(0, 80))`);
    expect(nameless).toEqual([]);
  });

  it('does not move where a person wants little motion', async () => {
    const motion = `getComputedStyle(document.querySelector('.phases i')).transitionDuration`;
    await using still = await ScriptedPage.open(browser, 230, {
      reducedMotion: 'reduce',
    });
    expect(await still.at.evaluate(motion)).toBe('0s');
    await still.at.page.emulateMedia({ reducedMotion: 'no-preference' });
    expect(await still.at.evaluate(motion)).toBe('0.2s');
  });

  it('asks nobody else, breaks no policy, and weighs little', async () => {
    await using run = await ScriptedPage.open(browser, 400);
    const { at, dashboard } = run;
    const foreign = at.requests.filter(
      (url) => !url.startsWith(`${dashboard.url}/`),
    );
    expect(foreign).toEqual([]);
    expect(at.problems).toEqual([]);
    const weights = await at.weights();
    const total = [...weights.values()].reduce((sum, one) => sum + one, 0);
    expect(total).toBeLessThanOrEqual(MAX_WEIGHT);
    // nothing is loaded that is not listed, nothing listed for nothing
    const loaded = [...weights.keys()].map((url) => new URL(url).pathname);
    const listed = pageFiles().map(({ path }) => path);
    expect(loaded.sort()).toEqual(
      listed
        .filter((path) => path !== '/icon.svg' || loaded.includes(path))
        .sort(),
    );
    // the policy is in force: a script in the page itself does not run
    await at.evaluate(`(() => {
      const script = document.createElement('script');
      script.textContent = 'window.ran = true';
      document.head.append(script);
    })()`);
    expect(await at.evaluate('window.ran')).toBeUndefined();
    expect(at.problems.join()).toMatch(/Content Security Policy/);
  });
});
