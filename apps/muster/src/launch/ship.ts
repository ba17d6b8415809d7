/**
 * Brings what a host needs to it, and a run's folder back.
 */
import { MusterError } from '@muster/protocol';
import { resolve } from 'node:path';
import type { Host } from './hosts.js';
import { ROOT } from './plan.js';
import type { LaunchPlan } from './plan.js';
import type { ProbeAnswer } from './probe.js';
import { NOT_NEEDED } from './program-files.js';
import { runWords } from './run-words.js';
import { rsyncWords, sshWords } from './ssh.js';
import { setUpCommand } from './words.js';

/** A command of this machine, and what it reads. */
export interface Command {
  /** What it is for, for people. */
  readonly title: string;
  readonly words: readonly string[];
  readonly input: string;
  /** What the input is, where it is too long to be shown. */
  readonly inputTitle: string;
}

/** What a host has to be equal in, so that what was built here runs there. */
export interface Platform {
  readonly system: string;
  readonly machine: string;
  /** `glibc 2.36`; a newer one there is fine. */
  readonly libc: string;
}

/** A first copy of hundreds of megabytes, over a slow line. */
const COPY_MS = 3_600_000;

/** Folders of a checkout that are made anew on another platform. */
const MADE_THERE = ['node_modules', 'dist', '.git', '.nx', '/runs', '/data'];

/** Whether what was built for `here` runs on `there`. */
export function isSamePlatform(here: Platform, there: Platform): boolean {
  return (
    here.system === there.system &&
    here.machine === there.machine &&
    isNoOlder(there.libc, here.libc)
  );
}

/** glibc runs what was linked with an older one; others must be the same. */
function isNoOlder(there: string, here: string): boolean {
  const [a, b] = [there, here].map((text) => /^glibc (\d+)\.(\d+)/.exec(text));
  if (!a || !b) return there === here;
  const [major, minor] = [1, 2].map((i) => Number(a[i]) - Number(b[i]));
  return (major || minor || 0) >= 0;
}

/**
 * The commands that bring Muster to a host, in their order: a copy of what is
 * built and prepared here, or of the sources, which are set up there.
 * @param files paths below the root.
 */
export function shipCommands(
  plan: LaunchPlan,
  host: Host,
  files: readonly string[],
  isSame: boolean,
): Command[] {
  const { folder } = plan.placeOf(host);
  const program = isSame
    ? [copyBuilt(plan, host, files)]
    : [copySources(plan, host), setUp(plan, host)];
  const { data } = plan.settings;
  if (data === undefined || plan.data === undefined) return program;
  return [
    ...program,
    copy(
      `copy the data set to ${host.name}`,
      rsyncWords(
        { path: `${resolve(data)}/` },
        { host, path: `${folder}/${plan.data}/` },
        plan.ssh,
        ['--mkpath'],
      ),
    ),
  ];
}

function copyBuilt(
  plan: LaunchPlan,
  host: Host,
  files: readonly string[],
): Command {
  const words = rsyncWords(
    { path: `${ROOT}/` },
    { host, path: `${plan.placeOf(host).folder}/` },
    plan.ssh,
    [
      // the native library may lie elsewhere, and be linked to
      ...['-r', '--files-from=-', '--copy-unsafe-links', '--delete'],
      ...NOT_NEEDED.map((pattern) => `--exclude=${pattern}`),
    ],
  );
  return {
    title: `copy the built program to ${host.name}`,
    words,
    input: `${files.join('\n')}\n`,
    inputTitle: `${files.length} paths below ${ROOT}`,
  };
}

function copySources(plan: LaunchPlan, host: Host): Command {
  return copy(
    `copy the sources to ${host.name}, which is another platform`,
    rsyncWords(
      { path: `${ROOT}/` },
      { host, path: `${plan.placeOf(host).folder}/` },
      plan.ssh,
      MADE_THERE.map((pattern) => `--exclude=${pattern}`),
    ),
  );
}

function setUp(plan: LaunchPlan, host: Host): Command {
  const words = sshWords(host, plan.ssh, setUpCommand(plan.placeOf(host)));
  return copy(`set up on ${host.name}: packages, native library, build`, words);
}

function copy(title: string, words: readonly string[]): Command {
  return { title, words, input: '', inputTitle: '' };
}

/** The command that brings a run's folder to a host: one that is to go on. */
export function sendRunCommand(
  plan: LaunchPlan,
  host: Host,
  folder: string,
  name: string,
): Command {
  const there = `${plan.placeOf(host).folder}/${plan.out}/${name}/`;
  // what is newer there has come after what was brought back
  const more = ['--mkpath', '--update', '--exclude=/token'];
  const to = { host, path: there };
  const words = rsyncWords({ path: `${folder}/` }, to, plan.ssh, more);
  return copy(`copy the run ${name} to ${host.name}`, words);
}

/** The command that brings a run's folder back, without its token. */
export function fetchRunCommand(
  plan: LaunchPlan,
  host: Host,
  there: string,
  here: string,
): Command {
  const from = { host, path: `${there}/` };
  const more = ['--mkpath', '--exclude=/token'];
  const words = rsyncWords(from, { path: `${here}/` }, plan.ssh, more);
  return copy(`bring the run back from ${host.name}`, words);
}

/**
 * Runs commands one after another.
 * @throws MusterError `ERR_PROCESS_FAILED` with the last words of the first
 *   that fails.
 */
export async function runCommands(
  commands: readonly Command[],
  signal?: AbortSignal,
): Promise<void> {
  for (const { title, words, input } of commands) {
    const end = await runWords(words, { input, timeoutMs: COPY_MS, signal });
    if (end.kind === 'ended' && end.code === 0) continue;
    throw new MusterError('ERR_PROCESS_FAILED', `${title}: ${whyOf(end)}`);
  }
}

function whyOf(end: Awaited<ReturnType<typeof runWords>>): string {
  if (end.kind === 'missing') return `it cannot be started: ${end.message}`;
  if (end.kind === 'late') return `not done after ${end.afterMs / 1000} s`;
  const said = `${end.stderr}\n${end.stdout}`.trim().split('\n');
  // rsync's last line only repeats that there was an error
  const line = said.filter((text) => !/^rsync error: /.test(text)).at(-1);
  const how = end.code === null ? 'was ended' : `exit code ${end.code}`;
  return `${how}: ${line ?? 'it said nothing'}`;
}

/** What is known of this machine, as the probe says it of another. */
export function platformOf({ system, machine, libc }: ProbeAnswer): Platform {
  return { system, machine, libc };
}
