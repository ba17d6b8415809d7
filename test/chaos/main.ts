/**
 * `npm run chaos -- --minutes M`: a training under seeded faults has to end
 * with the bits of the undisturbed one. Exits 0 (it did), 1 (it did not) or 2
 * (wrong flags).
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadDataset } from '@muster/data';
import { loadLauncher } from './launcher.js';
import type { Report } from './launcher.js';
import { readLogs } from './log-lines.js';
import { readOptions } from './options.js';
import type { ChaosOptions } from './options.js';
import { reportOf } from './report.js';
import { schedule } from './schedule.js';
import type { Fault } from './fault.js';
import { Session } from './session.js';
import type { Trained } from './session.js';
import { tableOf } from './table.js';

/**
 * Share of the minutes that the undisturbed run fills: the disturbed one is
 * slower, and has to last until the faults are over.
 */
const UNDISTURBED_SHARE = 0.85;
/** With a smaller share of the faults nothing has been shown. */
const LEAST_SHARE = 0.75;
/** A training that takes this many times the minutes hangs. */
const PATIENCE = 4;
/** How often people hear how it goes. */
const NEWS_MS = 30_000;

async function main(options: ChaosOptions): Promise<number> {
  // Links are to be cut in the midst of frames; MUSTER_SHARED_MEMORY=on has
  // notes of frames alone go over them.
  process.env['MUSTER_SHARED_MEMORY'] ??= 'off';
  const out = options.out ?? (await mkdtemp(join(tmpdir(), 'muster-chaos-')));
  const session = new Session({
    launcher: await loadLauncher(),
    dataset: await loadDataset(options.data),
    ...{ out, options, onReport: newsEvery(NEWS_MS) },
  });
  const stop = (code: number, why: string) => {
    say(`${why}; runs are in ${out}`);
    session.kill();
    process.exit(code);
  };
  process.once('SIGINT', () => stop(130, 'stopped'));
  process.once('SIGTERM', () => stop(143, 'stopped'));
  try {
    const code = await compare(session, options, stop);
    if (code === 0 && options.out === undefined) {
      await rm(out, { recursive: true, force: true });
    } else say(`runs are in ${out}`);
    return code;
  } catch (error) {
    say(`runs are in ${out}`);
    throw error;
  }
}

async function compare(
  session: Session,
  options: ChaosOptions,
  stop: (code: number, why: string) => void,
): Promise<number> {
  const train = async (what: string, start: () => Promise<Trained>) => {
    const limitMs = (options.minutes * PATIENCE + 1) * 60_000;
    const why = `${what} did not end within ${limitMs / 60_000} minutes`;
    const timer = setTimeout(() => stop(1, why), limitMs);
    const trained = await start().finally(() => clearTimeout(timer));
    say(`${what}: ${trained.summary.steps} steps, ${trained.folder}`);
    return trained;
  };
  const epochs =
    options.epochs ??
    epochsFor(options, await train('one epoch', () => session.calm(1)));
  const calm = await train('undisturbed', () => session.calm(epochs));
  const faults = faultsOf(options);
  say(`${faults.length} faults are to come`);
  const run = await train('under faults', () =>
    session.disturbed(epochs, faults),
  );
  say(`${run.faults.length} of ${faults.length} faults came before its end`);
  const report = reportOf(calm, run, await readLogs(run.folder));
  const text = options.json ? JSON.stringify(report) : tableOf(report);
  process.stdout.write(`${text}\n`);
  if (report.faults.total < faults.length * LEAST_SHARE) {
    say(`only ${report.faults.total} of ${faults.length} faults took effect`);
    return 1;
  }
  return report.isSame ? 0 : 1;
}

function faultsOf(options: ChaosOptions): Fault[] {
  const { seed, minutes, workers, servers, standby } = options;
  return schedule(seed, minutes, { workers, servers, standbys: standby });
}

/** How many epochs fill the undisturbed run's share of the minutes. */
function epochsFor({ minutes }: ChaosOptions, { seconds }: Trained): number {
  const fill = (minutes * 60 * UNDISTURBED_SHARE) / seconds;
  const epochs = Math.max(1, Math.round(fill));
  say(`${epochs} epochs of ${seconds.toFixed(1)} s`);
  return epochs;
}

function newsEvery(ms: number): (report: Report) => void {
  let lastMs = performance.now();
  return (report) => {
    if (report.type !== 'progress' || performance.now() - lastMs < ms) return;
    lastMs = performance.now();
    say(`step ${report.step} of ${report.totalSteps}`);
  };
}

/** For people: never mixed with the result. */
function say(text: string): void {
  process.stderr.write(`chaos: ${text}\n`);
}

function optionsOrExit(): ChaosOptions {
  try {
    return readOptions(process.argv.slice(2));
  } catch (error) {
    say(messageOf(error));
    process.exit(2);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

main(optionsOrExit()).then(
  (code) => process.exit(code),
  (error: unknown) => {
    say(messageOf(error));
    process.exit(1);
  },
);
