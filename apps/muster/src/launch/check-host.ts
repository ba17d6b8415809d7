/**
 * Looks at hosts before anything is started: can they be reached, and do they
 * have what a training needs.
 */
import { formatTable } from '../view/table.js';
import type { Host } from './hosts.js';
import { problemsOf, skewWarning, unanswered } from './judge-host.js';
import type { HostDemands, HostProblem } from './judge-host.js';
import { probeAnswer, probeScript } from './probe.js';
import type { ProbeAnswer } from './probe.js';
import { runWords } from './run-words.js';
import { sshWords } from './ssh.js';
import type { SshOptions } from './ssh.js';
import { SCRIPT_COMMAND } from './words.js';
import type { ProgramPlace } from './words.js';

/** What was found out about a host. */
export interface HostCheck {
  readonly host: Host;
  /** Undefined when it did not answer. */
  readonly answer: ProbeAnswer | undefined;
  /** How far its clock is ahead of this machine's. */
  readonly skewSeconds: number;
  /** None: it can take part. */
  readonly problems: readonly HostProblem[];
}

/** How a host is looked at. */
export interface CheckOptions {
  readonly ssh: SshOptions;
  readonly place: ProgramPlace;
  readonly demands: Omit<HostDemands, 'folder'>;
  readonly signal?: AbortSignal;
}

/** What a host may take beside being reached: a slow disk, a slow Node. */
const ANSWER_MS = 10_000;

/** Looks at one host; never rejects, and ends within a bounded time. */
export async function checkHost(
  host: Host,
  { ssh, place, demands, signal }: CheckOptions,
): Promise<HostCheck> {
  const startMs = Date.now();
  const end = await runWords(sshWords(host, ssh, SCRIPT_COMMAND), {
    input: probeScript(place, demands.isSynced),
    timeoutMs: ssh.connectTimeoutSeconds * 1000 + ANSWER_MS,
    signal,
  });
  const answer = end.kind === 'ended' ? probeAnswer(end.stdout) : undefined;
  if (answer === undefined) {
    const problems = [unanswered(end)];
    return { host, answer, skewSeconds: 0, problems };
  }
  // it was asked between both, and its clock shows whole seconds
  const askedSeconds = (startMs + Date.now()) / 2000;
  const skewSeconds = answer.clockSeconds + 0.5 - askedSeconds;
  const all = { ...demands, folder: place.folder };
  return {
    ...{ host, answer, skewSeconds },
    problems: problemsOf(answer, all, skewSeconds),
  };
}

/** The checks as a table, without a line break at the end. */
export function checkTable(checks: readonly HostCheck[]): string {
  return formatTable(
    checks.map(({ host, answer, skewSeconds, problems }) => ({
      host: host.name,
      workers: String(host.slots),
      platform: answer ? `${answer.system} ${answer.machine}` : '-',
      node: nodeCell(answer),
      'disk free': answer ? gigabytes(answer.freeBytes) : '-',
      clock: answer ? clockCell(skewSeconds) : '-',
      result:
        problems.length > 0
          ? problems.map(({ text }) => text).join('; ')
          : (skewWarning(skewSeconds) ?? 'ok'),
    })),
  );
}

function nodeCell(answer: ProbeAnswer | undefined): string {
  const said = answer?.node ?? '-';
  return /^v[\d.]+$/.test(said) ? said : '-';
}

function gigabytes(bytes: number): string {
  return Number.isNaN(bytes) ? '-' : `${(bytes / 1e9).toFixed(1)} GB`;
}

/** Below a second and a half is what the question itself can take. */
function clockCell(skewSeconds: number): string {
  const seconds = Math.round(skewSeconds);
  if (Math.abs(seconds) <= 1) return 'right';
  return `${seconds > 0 ? '+' : ''}${seconds} s`;
}
