/**
 * A page of a run that a test tells of: the real server and a script.
 */
import { pageFiles, startDashboard } from '@muster/dashboard';
import type { Dashboard, DashboardOptions } from '@muster/dashboard';
import { ScriptedFeed, scriptedRun } from '@muster/dashboard/testing';
import { createLogger } from '@muster/telemetry';
import type { BrowserContextOptions } from 'playwright-core';
import type { OpenPage, TestBrowser } from './chromium.js';

const log = createLogger({
  name: 'test',
  level: 'error',
  destination: 'stderr',
});

/** Serves a feed on a free port of this machine, unless told otherwise. */
export function serve(
  feed: ScriptedFeed,
  options: Partial<DashboardOptions> = {},
): Promise<Dashboard> {
  const files = pageFiles();
  const own = { host: '127.0.0.1', port: 0, feed, files, log };
  return startDashboard({ ...own, ...options });
}

/** A page that shows the script's run; disposing of it ends both. */
export class ScriptedPage implements AsyncDisposable {
  readonly feed: ScriptedFeed;
  readonly dashboard: Dashboard;
  readonly at: OpenPage;

  private constructor(
    feed: ScriptedFeed,
    dashboard: Dashboard,
    opened: OpenPage,
  ) {
    this.feed = feed;
    this.dashboard = dashboard;
    this.at = opened;
  }

  /** Opens it where the run has come to a step, and waits until it shows it. */
  static async open(
    browser: TestBrowser,
    step: number,
    options: BrowserContextOptions = {},
  ): Promise<ScriptedPage> {
    const feed = new ScriptedFeed(scriptedRun(step));
    const dashboard = await serve(feed);
    const opened = await browser.open(dashboard.url, options);
    await opened.saw('#where', new RegExp(`step ${step} of 400$`));
    return new ScriptedPage(feed, dashboard, opened);
  }

  /** Tells the run anew, up to another step, and waits until it is shown. */
  async tell(step: number): Promise<void> {
    this.feed.emit(...scriptedRun(step));
    await this.at.saw('#where', new RegExp(`step ${step} of 400$`));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.at[Symbol.asyncDispose]();
    await this.dashboard.close();
  }
}
