/**
 * One training as a person starts it, and what its processes have used; with
 * all that it tells and somebody who asks every second, or with neither.
 */
import { spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { COMMAND } from '../run-training.js';
import { readTimes } from '../scale/process-times.js';
import { profileTimes } from './profile-share.js';
import type { CpuProfile, ProfileTimes } from './profile-share.js';

/** Between two questions for the metrics of every process. */
const SCRAPE_MS = 1000;
/** What is loaded before Muster, if anything is. */
const FIRST: Readonly<Record<Kind, string | undefined>> = {
  all: undefined,
  none: '../contenders/no-telemetry.js',
  profiled: '../contenders/profiled.js',
};
const SHAPE = ['--seed', '7', '--workers', '2', '--checkpoint-every', '0'];
const NUM_TRAIN = 60_000;
/** What tells: our telemetry, what it is made of, and who answers for it. */
const TELLING =
  /\/telemetry\/|worker-telemetry|push-times|round-trips|prom-client|\/pino|sonic-boom|node:_http|node:internal\/perf\/observe/;

/** - `all`: telemetry; `none`: nothing; `profiled`: `all`, profiled. */
export type Kind = 'all' | 'none' | 'profiled';

/** What came of it. */
export interface Observed {
  /** Processor time of servers and workers a thousand images. */
  readonly cpuMs: number;
  readonly imagesPerSecond: number;
  readonly parametersSha256: string;
  readonly numScrapes: number;
  /** Of servers and workers together, where it was profiled. */
  readonly profile: ProfileTimes | undefined;
}

/** A moment at an epoch's end. */
interface Look {
  readonly atMs: number;
  readonly usedMs: number;
}

/**
 * Trains, and measures from the end of the first epoch to that of the last
 * but one.
 * @param epochs from 3.
 * @throws Error with what the command said, when it fails.
 */
export async function observeTraining(
  kind: Kind,
  epochs: number,
): Promise<Observed> {
  const folder = await mkdtemp(join(tmpdir(), 'muster-telemetry-'));
  try {
    return await observe(kind, epochs, folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function observe(
  kind: Kind,
  epochs: number,
  folder: string,
): Promise<Observed> {
  const words = ['train', '--out', folder, '--json', ...SHAPE];
  const isSilent = kind === 'none';
  const metrics = ['--metrics', isSilent ? 'off' : 'on'];
  const args = [COMMAND, ...words, '--epochs', String(epochs), ...metrics];
  const child = spawn(process.execPath, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      NODE_OPTIONS: nodeOptions(kind),
      BENCH_PROFILE_FOLDER: folder,
    },
  });
  const looks: Promise<Look>[] = [];
  const scraper = new AbortController();
  let [said, stdout, numScrapes] = ['', '', 0];
  child.stdout.on('data', (text: Buffer) => (stdout += text.toString()));
  createInterface({ input: child.stderr }).on('line', (line) => {
    said = `${said}${line}\n`.slice(-2000);
    const url = /metrics at (\S+)\/metrics$/.exec(line)?.[1];
    if (url) void scrape(url, scraper.signal, () => numScrapes++);
    if (/^epoch \d+\/\d+ done/.test(line)) looks.push(look(child.pid ?? -1));
  });
  const code = await new Promise((resolve) => child.once('close', resolve));
  scraper.abort();
  if (code !== 0) throw new Error(`${args.join(' ')}\n${said}`);
  await checkSilence(folder, isSilent);
  const summary = JSON.parse(stdout) as { parametersSha256: string };
  return {
    ...figuresOf(await Promise.all(looks)),
    parametersSha256: summary.parametersSha256,
    numScrapes,
    profile: kind === 'profiled' ? await readProfiles(folder) : undefined,
  };
}

function nodeOptions(kind: Kind): string {
  const first = FIRST[kind];
  if (first === undefined) return '';
  return `--import ${new URL(first, import.meta.url).href}`;
}

async function look(launcher: number): Promise<Look> {
  const atMs = performance.now();
  const { workers, servers } = await readTimes(launcher);
  const all = [...workers.values(), ...servers];
  return { atMs, usedMs: all.reduce((sum, ms) => sum + ms, 0) };
}

/** At the end of the last epoch the processes may be gone. */
function figuresOf(looks: readonly Look[]) {
  const [first] = looks;
  const last = looks.at(-2);
  if (!first || !last || looks.length < 3) {
    throw new Error(`expected three epochs, got ${looks.length} (--epochs)`);
  }
  const thousands = ((looks.length - 2) * NUM_TRAIN) / 1000;
  return {
    cpuMs: (last.usedMs - first.usedMs) / thousands,
    imagesPerSecond: (1e6 * thousands) / (last.atMs - first.atMs),
  };
}

/** Asks every process that `/sd` names, as Prometheus would. */
async function scrape(
  coordinator: string,
  signal: AbortSignal,
  onPage: () => void,
): Promise<void> {
  while (!signal.aborted) {
    await pause(SCRAPE_MS, undefined, { signal }).catch(() => undefined);
    const found = await fetch(`${coordinator}/sd`, { signal })
      .then((answer) => answer.json() as Promise<{ targets: string[] }[]>)
      .catch(() => []);
    for (const target of found.flatMap(({ targets }) => targets)) {
      await fetch(`http://${target}/metrics`, { signal })
        .then((page) => page.text())
        .then(onPage)
        .catch(() => undefined);
    }
  }
}

/** @throws Error where the one tells, or the other does not. */
async function checkSilence(folder: string, isSilent: boolean) {
  const files = await readdir(folder, { recursive: true });
  const tells = files.some((file) => file.endsWith('metrics.jsonl'));
  if (tells === isSilent) throw new Error('this tells what it should not');
}

/** Of servers and workers; the launcher does not train. */
async function readProfiles(folder: string): Promise<ProfileTimes> {
  const files = await readdir(folder);
  let [oursMs, busyMs] = [0, 0];
  for (const file of files.filter((one) => one.endsWith('.cpuprofile'))) {
    const text = await readFile(join(folder, file), 'utf8');
    if (!/\/(parameter-server|worker)\/dist\/main\.js/.test(text)) continue;
    const isTelling = (url: string) => TELLING.test(url);
    const times = profileTimes(JSON.parse(text) as CpuProfile, isTelling);
    oursMs += times.oursMs;
    busyMs += times.busyMs;
  }
  return { oursMs, busyMs };
}
