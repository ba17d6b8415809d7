/**
 * When processes of a run were lost, by what the launcher, the coordinator and
 * the processes themselves wrote. Several lines can tell of one loss. Pure.
 */
import { numberIn } from './json-lines.js';
import { fieldOf, kindOf } from './log-lines.js';
import type { LogLine } from './log-lines.js';

/** One loss. */
export interface Loss {
  readonly process: string;
  /** The first that was heard of it. Unix time in milliseconds. */
  readonly atMs: number;
  /** `killed (SIGKILL)`, `silent`, `exit code 1`, … */
  readonly what: string;
  /** Tasks that went to others. */
  readonly releasedTasks: number;
}

/** Lines about one loss are not farther apart, unless it came back between. */
const SAME_MS = 5000;
/** An end that is no loss. */
const EXPECTED = 'expected';

/** Finds all losses, in the order of time. */
export function lossesOf(lines: readonly LogLine[]): Loss[] {
  const found: Loss[] = [];
  for (const loss of allWords(lines)) {
    const i = found.findLastIndex(({ process }) => process === loss.process);
    const before = found[i];
    if (before !== undefined && isSame(before, loss, lines)) {
      found[i] = merged(before, loss);
    } else found.push(loss);
  }
  return found;
}

function allWords(lines: readonly LogLine[]): Loss[] {
  const told = lines.flatMap((line) => wordsOf(line, lines));
  const words = [...told, ...silentDeaths(lines, told)];
  const unexpected = words.filter(({ what }) => what !== EXPECTED);
  return unexpected.sort((a, b) => a.atMs - b.atMs);
}

/** What a line says of a loss, if it says something of one. */
function wordsOf(line: LogLine, lines: readonly LogLine[]): Loss[] {
  const { atMs, event, fields } = line;
  switch (event) {
    case 'process-exited': {
      const lost = fieldOf(line, 'process');
      return [{ process: lost, atMs, what: howOf(line), releasedTasks: 0 }];
    }
    case 'worker-away': {
      const reason = fieldOf(line, 'reason');
      if (reason === 'left') return [];
      const releasedTasks = numberIn(fields, 'releasedTasks') || 0;
      const lost = fieldOf(line, 'workerId');
      return [{ process: lost, atMs, what: reason, releasedTasks }];
    }
    case 'server-lost': {
      const lost = leaderOf(fieldOf(line, 'shard'), atMs, lines);
      return [{ process: lost, atMs, what: 'lost', releasedTasks: 0 }];
    }
    default:
      return [];
  }
}

/** The process that led a shard then: a standby may have taken over. */
function leaderOf(
  shard: string,
  beforeMs: number,
  lines: readonly LogLine[],
): string {
  const heir = lines.findLast(
    (line) =>
      line.event === 'took-over' &&
      line.atMs < beforeMs &&
      fieldOf(line, 'shard') === shard,
  );
  if (heir !== undefined) return heir.process;
  const isAlone = lines.some(({ process }) => process === 'server');
  return isAlone ? 'server' : `server-${shard}`;
}

/**
 * A process that starts again though it had never ended was killed, even if
 * nobody has said so: when the others lost it, or before it started again.
 */
function silentDeaths(
  lines: readonly LogLine[],
  told: readonly Loss[],
): Loss[] {
  /** Since when a process has been there. */
  const alive = new Map<string, number>();
  return lines.flatMap((line) => {
    const { process, event, atMs } = line;
    const sinceMs = alive.get(process);
    if (event === 'ended' || event === 'stopped') alive.delete(process);
    if (event !== 'process-started') return [];
    alive.set(process, atMs);
    if (sinceMs === undefined) return [];
    const isBetween = (ms: number) => ms >= sinceMs && ms <= atMs;
    const isTold = told.some(
      (loss) => loss.process === process && isBetween(loss.atMs),
    );
    if (isTold) return [];
    return [silentDeath(line, sinceMs, lines)];
  });
}

function silentDeath(
  { process, atMs }: LogLine,
  sinceMs: number,
  lines: readonly LogLine[],
): Loss {
  const noticed = lines.findLast(
    (line) =>
      kindOf(process) === 'server' &&
      line.event === 'disconnected' &&
      line.atMs > sinceMs &&
      line.atMs <= atMs,
  );
  return {
    ...{ process, releasedTasks: 0 },
    atMs: noticed?.atMs ?? atMs,
    what: noticed ? 'killed' : 'killed some time before its restart',
  };
}

function isSame(before: Loss, loss: Loss, lines: readonly LogLine[]): boolean {
  const { process, atMs } = loss;
  if (atMs - before.atMs > SAME_MS) return false;
  const isServer = kindOf(process) === 'server';
  const wasBack = ({ event, ...line }: LogLine) =>
    isServer
      ? event === 'training-resumed'
      : event === 'working' && line.process === process;
  return !lines.some(
    (line) => line.atMs > before.atMs && line.atMs < atMs && wasBack(line),
  );
}

/** Who ended a process says more than who missed it. */
function merged(a: Loss, b: Loss): Loss {
  const rank = ({ what }: Loss) =>
    /SIG|exit code/.test(what) ? 2 : Number(!what.startsWith('killed'));
  return {
    ...a,
    what: rank(b) > rank(a) ? b.what : a.what,
    releasedTasks: a.releasedTasks + b.releasedTasks,
  };
}

function howOf(line: LogLine): string {
  const code = fieldOf(line, 'exitCode');
  const isExpected = fieldOf(line, 'verdict') === 'expected' || code === '0';
  if (isExpected) return EXPECTED;
  const signal = fieldOf(line, 'signal');
  return signal === '' ? `exit code ${code}` : `killed (${signal})`;
}
