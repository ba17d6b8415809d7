/**
 * A real browser: Chromium as the system has it, driven by playwright-core.
 */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { eventually } from '../cluster/eventually.js';

/** Where Debian has it, unless `CHROMIUM` says otherwise. */
const PATH = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
/** Where pictures of the page are kept as results of the build. */
const SCREENSHOTS = new URL('../dist/screenshots/', import.meta.url);

/**
 * Why there is no browser; undefined where there is one.
 * @throws Error instead, where `REQUIRE_CHROMIUM=1` is set.
 */
export function missingChromium(): string | undefined {
  if (existsSync(PATH)) return undefined;
  const reason = `no Chromium at ${PATH}: apt-get install chromium, or set CHROMIUM`;
  if (process.env['REQUIRE_CHROMIUM'] !== '1') return reason;
  throw new Error(`${reason} (REQUIRE_CHROMIUM=1)`);
}

/** One browser for a spec file; dispose of it. */
export class TestBrowser implements AsyncDisposable {
  readonly #browser: Browser;

  private constructor(browser: Browser) {
    this.#browser = browser;
  }

  static async launch(): Promise<TestBrowser> {
    const args = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
    const browser = await chromium.launch({ executablePath: PATH, args });
    return new TestBrowser(browser);
  }

  /** Opens an address in a profile of its own. */
  async open(
    url: string,
    options: BrowserContextOptions = {},
  ): Promise<OpenPage> {
    const viewport = { width: 1280, height: 900 };
    const context = await this.#browser.newContext({ viewport, ...options });
    const page = await OpenPage.on(await context.newPage(), url);
    await page.page.goto(url);
    return page;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#browser.close();
  }
}

/** What a browser shows; closing it closes its profile. */
export class OpenPage implements AsyncDisposable {
  readonly page: Page;
  /** Errors of scripts, of the console and of the content security policy. */
  readonly problems: string[] = [];
  /** Addresses that were asked for, in order. */
  readonly requests: string[] = [];
  /** Uncompressed bytes of what was loaded, by address. */
  readonly #bodies = new Map<string, Promise<number>>();

  private constructor(page: Page) {
    this.page = page;
  }

  /** Listens before the first request. */
  static async on(page: Page, url: string): Promise<OpenPage> {
    const opened = new OpenPage(page);
    page.on('console', (line) => {
      if (line.type() === 'error') opened.problems.push(line.text());
    });
    page.on('pageerror', ({ message }) => opened.problems.push(message));
    page.on('request', (request) => opened.requests.push(request.url()));
    page.on('response', (response) => {
      const isStatic = !response.url().startsWith(`${url}/api/`);
      if (!isStatic || response.status() !== 200) return;
      // NaN where the page was left before: no sum is small enough then
      const size = response.body().then(
        ({ length }) => length,
        () => NaN,
      );
      opened.#bodies.set(response.url(), size);
    });
    return opened;
  }

  /** Bytes of each file that was loaded, by address. */
  async weights(): Promise<ReadonlyMap<string, number>> {
    const entries = [...this.#bodies].map(
      async ([url, size]) => [url, await size] as const,
    );
    return new Map(await Promise.all(entries));
  }

  /** What an element reads, spaces made plain. */
  async text(selector: string): Promise<string> {
    const text = (await this.page.locator(selector).textContent()) ?? '';
    return plain(text);
  }

  /** Waits until an element reads like this, and gives what it reads. */
  async saw(
    selector: string,
    pattern: RegExp | string,
    deadlineMs = 30_000,
  ): Promise<string> {
    let last = '';
    const isThere = async () => {
      last = await this.text(selector);
      const holds =
        typeof pattern === 'string' ? last === pattern : pattern.test(last);
      return holds && last;
    };
    const explain = () => `, it reads '${last}'; ${this.problems.join('; ')}`;
    const what = `${selector} to read ${pattern}`;
    return eventually(what, isThere, deadlineMs, explain);
  }

  /** The value of a script in the page. */
  evaluate<T>(script: string): Promise<T> {
    return this.page.evaluate<T>(script);
  }

  /** Keeps a picture of the whole page. */
  async screenshot(name: string): Promise<void> {
    const path = fileURLToPath(new URL(`${name}.png`, SCREENSHOTS));
    await this.page.screenshot({ path, fullPage: true });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.page.context().close();
  }
}

/** Non-breaking and thin spaces as plain ones, and none at the ends. */
export function plain(text: string): string {
  return text.replace(/[\u00a0\u202f\s]+/g, ' ').trim();
}
