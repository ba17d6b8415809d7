/**
 * Makes one host ready: looks at it, and brings what it needs.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { toMusterError } from '@muster/protocol';
import { checkHost } from './check-host.js';
import type { HostCheck } from './check-host.js';
import type { Host } from './hosts.js';
import { ROOT } from './plan.js';
import type { LaunchPlan } from './plan.js';
import { probeAnswer, probeScript } from './probe.js';
import { bytesOf, programFiles } from './program-files.js';
import { runWords } from './run-words.js';
import {
  isSamePlatform,
  platformOf,
  runCommands,
  shipCommands,
} from './ship.js';
import type { Platform } from './ship.js';

/** What is copied from this machine, and what it is. */
export interface Program {
  /** Paths below the root; none when nothing is copied. */
  readonly files: readonly string[];
  readonly bytes: number;
  readonly platform: Platform;
}

/** Waits between questions to a host that is not there: the first, the most. */
const [RETRY_MS, MOST_RETRY_MS] = [1000, 15_000];
/** This machine answers at once. */
const OWN_ANSWER_MS = 10_000;

/** Looks what there is to copy. */
export async function ownProgram(isSynced: boolean): Promise<Program> {
  const files = isSynced ? programFiles(ROOT) : [];
  const place = { folder: ROOT, node: process.execPath };
  const end = await runWords(['sh', '-s'], {
    input: probeScript(place, false),
    timeoutMs: OWN_ANSWER_MS,
  });
  const answer = end.kind === 'ended' ? probeAnswer(end.stdout) : undefined;
  const unknown = { system: '', machine: '', libc: '' };
  const platform = answer === undefined ? unknown : platformOf(answer);
  return { files, bytes: bytesOf(ROOT, files), platform };
}

/** Looks at a host as a plan wants it. */
export function checkFor(
  plan: LaunchPlan,
  host: Host,
  program: Program,
  signal?: AbortSignal,
): Promise<HostCheck> {
  const { isSynced } = plan.options;
  return checkHost(host, {
    ssh: plan.ssh,
    place: plan.placeOf(host),
    demands: { isSynced, programBytes: program.bytes },
    ...(signal && { signal }),
  });
}

/**
 * Copies what a host that was looked at needs.
 * @throws MusterError `ERR_PROCESS_FAILED`.
 */
export async function shipTo(
  plan: LaunchPlan,
  { host, answer }: HostCheck,
  program: Program,
  signal?: AbortSignal,
): Promise<void> {
  if (!plan.options.isSynced || answer === undefined) return;
  const isSame = isSamePlatform(program.platform, platformOf(answer));
  await runCommands(shipCommands(plan, host, program.files, isSame), signal);
}

/**
 * Asks a host until it is ready.
 * @param note hears what keeps it from taking part.
 * @returns false when somebody has to mend something first, or when the
 *   signal came.
 */
export async function prepareLater(
  plan: LaunchPlan,
  host: Host,
  program: Program,
  signal: AbortSignal,
  note: (text: string) => void,
): Promise<boolean> {
  for (let waitMs = RETRY_MS; ; waitMs = Math.min(2 * waitMs, MOST_RETRY_MS)) {
    await pause(waitMs, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return false;
    const check = await checkFor(plan, host, program, signal);
    if (signal.aborted) return false;
    const lasting = check.problems.filter(({ isPassing }) => !isPassing);
    if (lasting.length > 0) {
      const texts = lasting.map(({ text }) => text).join('; ');
      note(`host ${host.name} cannot take part: ${texts}`);
      return false;
    }
    if (check.problems.length > 0) continue;
    try {
      await shipTo(plan, check, program, signal);
      return true;
    } catch (error) {
      if (!signal.aborted) note(toMusterError(error).message);
    }
  }
}
