/**
 * Which faults come when: drawn from a seed, so that a training that failed
 * under them can be repeated under the same ones.
 */
import { createRandomStream } from '@muster/data';
import type { RandomStream } from '@muster/data';
import type { Fault, FaultKind } from './fault.js';

/** How many processes of each sort there are. */
export interface Targets {
  readonly workers: number;
  readonly servers: number;
  readonly standbys: number;
}

/** Faults a minute; ten minutes make 31 + 51 + 110. */
const PER_MINUTE = { serverKills: 3.2, workerKills: 5.2, others: 11.2 };
/** A server is left alone by SIGKILL after one of any server: it is timed. */
export const SERVER_KILL_GAP_MS = 2500;
/** The first fault comes when training is on its way. */
const FIRST_MS = 3000;
/** Training ends undisturbed. */
export const CALM_END_MS = 5000;
/** No fault lasts longer. */
export const MAX_DURATION_MS = 3000;

/** Of ten faults that are no kill, how many are of which kind. */
const OTHERS: readonly Exclude<FaultKind, 'kill'>[] = [
  ...(['pause', 'pause', 'pause'] as const),
  ...(['cut', 'cut-one', 'cut-one'] as const),
  ...(['half-open', 'slow', 'slow', 'refuse'] as const),
];

/** 'chao' in ASCII: the purpose of the random stream. */
const PURPOSE = 0x6368616f;

/**
 * Draws the faults of a training, in the order of their times. How many they
 * are depends on the minutes alone.
 * @param seed uint32.
 */
export function schedule(
  seed: number,
  minutes: number,
  targets: Targets,
): Fault[] {
  const random = createRandomStream(seed, PURPOSE);
  const spanMs = minutes * 60_000 - CALM_END_MS - MAX_DURATION_MS - FIRST_MS;
  const times = (perMinute: number, gapMs: number) =>
    spread(random, perMinute * (spanMs / 60_000), spanMs, gapMs);
  const servers = names('server', targets.servers);
  const killed = [
    ...names('worker', targets.workers),
    ...names('standby', targets.standbys),
  ];
  const faults: Fault[] = [
    ...times(PER_MINUTE.serverKills, SERVER_KILL_GAP_MS).map((atMs) =>
      kill(atMs, pick(random, servers)),
    ),
    ...times(PER_MINUTE.workerKills, 0).map((atMs) =>
      kill(atMs, pick(random, killed)),
    ),
    ...times(PER_MINUTE.others, 0).map((atMs) =>
      other(random, atMs, servers, killed),
    ),
  ];
  return faults.sort((a, b) => a.atMs - b.atMs);
}

/**
 * Times drawn uniformly, in whole milliseconds, in order, at least `gapMs`
 * apart: the gaps are taken out of the span, and put back between them.
 */
function spread(
  random: RandomStream,
  count: number,
  spanMs: number,
  gapMs: number,
): number[] {
  const whole = Math.max(0, Math.round(count));
  const freeMs = Math.max(0, spanMs - gapMs * Math.max(0, whole - 1));
  return Array.from({ length: whole }, () => random.nextFloat() * freeMs)
    .sort((a, b) => a - b)
    .map((ms, i) => FIRST_MS + Math.floor(ms) + i * gapMs);
}

function kill(atMs: number, target: string): Fault {
  return { atMs, kind: 'kill', target };
}

function other(
  random: RandomStream,
  atMs: number,
  servers: readonly string[],
  rest: readonly string[],
): Fault {
  const kind = pick(random, OTHERS);
  const target = pick(
    random,
    kind === 'pause' ? [...servers, ...rest] : servers,
  );
  switch (kind) {
    case 'cut':
    case 'cut-one':
      return { atMs, kind, target };
    case 'pause':
    case 'half-open':
    case 'refuse':
      return { atMs, kind, target, durationMs: between(random, 200, 1500) };
    case 'slow': {
      const durationMs = between(random, 1000, MAX_DURATION_MS);
      const bytesPerSecond = 4_000_000 * 10 ** random.nextFloat();
      const latencyMs = between(random, 1, 20);
      return { atMs, kind, target, durationMs, bytesPerSecond, latencyMs };
    }
  }
}

function names(sort: string, count: number): string[] {
  return Array.from({ length: count }, (_, i) => `${sort}-${i}`);
}

function pick<T>(random: RandomStream, from: readonly T[]): T {
  const found = from[random.nextBelow(from.length)];
  if (found === undefined) throw new RangeError('nothing to choose from');
  return found;
}

/** A whole number, both ends included. */
function between(random: RandomStream, least: number, most: number): number {
  return least + random.nextBelow(most - least + 1);
}
