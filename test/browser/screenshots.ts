/**
 * `npm run screenshots`: the pictures of the live page and of the report for
 * the documents, of a real MNIST training that loses a worker on the way.
 */
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { eventually } from '../cluster/eventually.js';
import {
  MARK_VARIABLE,
  killAll,
  processesMarked,
} from '../cluster/process-table.js';
import { TestBrowser, missingChromium } from './chromium.js';
import type { OpenPage } from './chromium.js';
import { smallPng } from './small-png.js';

// both paths: as seen from test/dist/browser
const ENTRY = new URL('../../../apps/muster/dist/main.js', import.meta.url);
const IMAGES = new URL('../../../docs/images/', import.meta.url);
/** Two passes over the 60,000 digits on a slow machine. Milliseconds. */
const LONG_MS = 900_000;
/** The report's head, its figures and its first curves. Pixels. */
const REPORT = { width: 1280, height: 1400 };

async function main(): Promise<void> {
  const reason = missingChromium();
  if (reason !== undefined) throw new Error(reason);
  const out = await mkdtemp(join(tmpdir(), 'muster-screenshots-'));
  const mark = randomUUID();
  await using browser = await TestBrowser.launch();
  try {
    const at = await browser.open(await train(out, mark));
    await at.saw('#test-accuracy', /^\d/, LONG_MS);
    await kill(mark, 'worker-1');
    await at.saw('#incidents', /recovered in/, LONG_MS);
    await at.saw('#where', /^epoch 2 of 3/, LONG_MS);
    await keepPage(at);
    await keepReport(browser, await reportIn(out));
  } finally {
    killAll(await processesMarked(mark));
    await rm(out, { recursive: true, force: true });
  }
}

/** Starts a training, and gives the address of its page. */
async function train(out: string, mark: string): Promise<string> {
  const child = spawn(
    process.execPath,
    [
      fileURLToPath(ENTRY),
      ...['train', '--epochs', '3', '--workers', '3', '--seed', '7'],
      ...['--out', out, '--dashboard-port', '0'],
    ],
    {
      cwd: out,
      env: { ...process.env, [MARK_VARIABLE]: mark },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let said = '';
  child.stdout.on('data', (text: Buffer) => (said += text.toString()));
  child.stderr.on('data', (text: Buffer) => (said += text.toString()));
  return eventually(
    'the address of the page',
    () => /^dashboard at (\S+)$/m.exec(said)?.[1],
    120_000,
    () => `:\n${said}`,
  );
}

async function kill(mark: string, name: string): Promise<void> {
  const found = (await processesMarked(mark)).filter(
    (one) => one.name === name,
  );
  killAll(found);
}

/** Waits for the end of the training, and gives its report's path. */
function reportIn(out: string): Promise<string> {
  const find = async () => {
    const files = await readdir(out, { recursive: true });
    return files.find((path) => path.endsWith('report.html'));
  };
  return eventually('the report', find, LONG_MS).then((path) =>
    join(out, path),
  );
}

/** Takes the picture of the live page, asked for a mistake, in both themes. */
async function keepPage(at: OpenPage): Promise<void> {
  await at.page.locator('#mistakes button').first().click();
  await at.saw('#verdict', /says version|answer/);
  for (const colorScheme of ['light', 'dark'] as const) {
    await at.page.emulateMedia({ colorScheme });
    const picture = await at.page.screenshot({ fullPage: true });
    await write(`live-page-${colorScheme}.png`, picture);
  }
}

/** Takes the picture of a report's beginning. */
async function keepReport(browser: TestBrowser, path: string): Promise<void> {
  const { href } = pathToFileURL(path);
  await using at = await browser.open(href, { viewport: REPORT });
  await write('report.png', await at.page.screenshot());
}

async function write(name: string, picture: Buffer): Promise<void> {
  await mkdir(IMAGES, { recursive: true });
  const url = new URL(name, IMAGES);
  const png = smallPng(picture);
  await writeFile(url, png);
  console.log(`${fileURLToPath(url)}: ${png.length} bytes`);
}

await main();
