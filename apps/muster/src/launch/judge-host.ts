/**
 * Whether a host can take part, and if not, why, and whether it may later.
 * Pure.
 */
import { nodeVersionProblem } from '../../setup/steps/node-version.mjs';
import type { ProbeAnswer } from './probe.js';

/** What is wrong with a host. */
export interface HostProblem {
  /** What is wrong, and what mends it. */
  readonly text: string;
  /** Whether it may go away by itself: a host that is not up yet. */
  readonly isPassing: boolean;
}

/** What a host has to have. */
export interface HostDemands {
  /** Whether the program is copied there. */
  readonly isSynced: boolean;
  /** The folder, for messages. */
  readonly folder: string;
  /** Bytes that a first copy of the program takes. */
  readonly programBytes: number;
}

/** Room for a run's checkpoints and logs, and what is copied anew. Bytes. */
const RESERVE_BYTES = 256 * 1024 * 1024;
/** A clock that is this far off is told of. Seconds. */
const TOLD_SKEW_SECONDS = 5;
/** One that is this far off makes certificates seem not valid. Seconds. */
const WORST_SKEW_SECONDS = 300;
/** What ssh itself exits with. */
const SSH_FAILED = 255;

/** How the question ended. */
export type ProbeEnd =
  | { readonly kind: 'late'; readonly afterMs: number }
  | { readonly kind: 'missing'; readonly message: string }
  | {
      readonly kind: 'ended';
      readonly code: number | null;
      readonly stderr: string;
    };

/** Gives what keeps a host that did not answer from taking part. */
export function unanswered(end: ProbeEnd): HostProblem {
  switch (end.kind) {
    case 'late':
      return {
        text: `no answer within ${end.afterMs / 1000} s`,
        isPassing: true,
      };
    case 'missing':
      return {
        text: `ssh cannot be started here: ${end.message}`,
        isPassing: false,
      };
    case 'ended':
      return sshProblem(end.code, lastLine(end.stderr));
  }
}

function sshProblem(code: number | null, said: string): HostProblem {
  if (code !== SSH_FAILED) {
    const how = code === null ? 'was ended' : `ended with exit code ${code}`;
    const text = `the shell there ${how}: ${said || 'it said nothing'}`;
    return { text, isPassing: false };
  }
  if (/permission denied|too many authentication/i.test(said)) {
    const text = `ssh was refused: ${said} (try: ssh -o BatchMode=yes HOST true)`;
    return { text, isPassing: false };
  }
  if (/host key|known_hosts/i.test(said)) {
    const text = `ssh does not know its host key: ${said} (log in once by hand)`;
    return { text, isPassing: false };
  }
  if (/bad (owner|configuration)|can't open user config/i.test(said)) {
    return { text: `ssh's configuration: ${said}`, isPassing: false };
  }
  return {
    text: `not reached: ${said || 'ssh said nothing'}`,
    isPassing: true,
  };
}

/** Gives everything that keeps a host that has answered from taking part. */
export function problemsOf(
  answer: ProbeAnswer,
  demands: HostDemands,
  skewSeconds: number,
): HostProblem[] {
  const texts = [
    nodeText(answer.node),
    ...(answer.folder === undefined
      ? [`the folder ${demands.folder} cannot be entered (--folder)`]
      : folderTexts(answer, demands)),
    Math.abs(skewSeconds) > WORST_SKEW_SECONDS
      ? `its clock is ${skewText(skewSeconds)}: set it (ntp)`
      : '',
  ];
  return texts
    .filter((text) => text !== '')
    .map((text) => ({ text, isPassing: false }));
}

/** A clock that is off, in words; nothing where that does not matter. */
export function skewWarning(skewSeconds: number): string | undefined {
  return Math.abs(skewSeconds) > TOLD_SKEW_SECONDS
    ? `its clock is ${skewText(skewSeconds)}: the times in its logs are`
    : undefined;
}

function skewText(seconds: number): string {
  const size = Math.abs(Math.round(seconds));
  return `${size} s ${seconds > 0 ? 'ahead' : 'behind'}`;
}

function nodeText(said: string): string {
  const version = /^v(\d+\.\d+\.\d+)$/.exec(said)?.[1];
  if (version === undefined) {
    return `Node was not found (${said || 'no answer'}): say where it is by node: in the hosts file, or --node`;
  }
  return nodeVersionProblem(version);
}

function folderTexts(answer: ProbeAnswer, demands: HostDemands): string[] {
  const { isSynced, programBytes } = demands;
  const { folder = '', hasProgram, freeBytes, isWritable, hasRsync } = answer;
  const needed = RESERVE_BYTES + (isSynced && !hasProgram ? programBytes : 0);
  return [
    isWritable || !isSynced ? '' : `the folder ${folder} cannot be written`,
    hasRsync || !isSynced ? '' : 'rsync was not found: install it there',
    hasProgram || isSynced
      ? ''
      : `no built Muster in ${folder}: leave --no-sync out, or share it there`,
    freeBytes >= needed
      ? ''
      : `${megabytes(freeBytes)} free in ${folder}, expected ${megabytes(needed)} or more`,
  ];
}

function megabytes(bytes: number): string {
  return `${Math.floor(bytes / 1e6).toLocaleString('en-US')} MB`;
}

function lastLine(text: string): string {
  return text.trim().split(/\r?\n/).at(-1) ?? '';
}
