/**
 * `npm run screenshots`: the pictures of the live page for the documents, of a
 * real MNIST training that loses a worker on the way.
 */
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
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
    await keep(at);
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

/** Takes the picture in both themes. */
async function keep(at: OpenPage): Promise<void> {
  await mkdir(IMAGES, { recursive: true });
  const mistakes = at.page.locator('#mistakes button');
  if ((await mistakes.count()) > 0) {
    await mistakes.first().click();
    await at.saw('#verdict', /says version|answer/);
  }
  for (const colorScheme of ['light', 'dark'] as const) {
    await at.page.emulateMedia({ colorScheme });
    const png = smallPng(await at.page.screenshot({ fullPage: true }));
    const url = new URL(`live-page-${colorScheme}.png`, IMAGES);
    await writeFile(url, png);
    console.log(`${fileURLToPath(url)}: ${png.length} bytes`);
  }
}

await main();
