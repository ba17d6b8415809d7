/**
 * What may befall a cluster, as plain data: a list of faults is the whole
 * difference between a quiet run and a bad day, and can be cut down.
 */
import type { SeededRandom } from './seeded-random.js';

/** Kinds of faults. */
export type FaultKind =
  | 'kill-worker'
  | 'kill-server'
  | 'kill-shard'
  | 'pause-worker'
  | 'pause-server'
  | 'slow-worker'
  | 'nan-worker'
  | 'second-life'
  | 'join-worker'
  | 'leave-worker'
  | 'other-numerics'
  | 'cut'
  | 'half-open'
  | 'black-hole'
  | 'partition'
  | 'swizzle'
  | 'disk-full'
  | 'bit-flip'
  | 'drain';

/** One fault. */
export interface Fault {
  readonly kind: FaultKind;
  readonly atMs: number;
  /** Who or what; taken modulo what there is. */
  readonly target: number;
  /** How long it lasts, or how long the way back takes. Milliseconds. */
  readonly forMs: number;
}

/** How often each kind is drawn. */
const WEIGHTS: readonly (readonly [FaultKind, number])[] = [
  ['kill-worker', 8],
  ['kill-server', 10],
  ['kill-shard', 3],
  ['pause-worker', 6],
  ['pause-server', 6],
  ['slow-worker', 3],
  ['nan-worker', 1],
  ['second-life', 2],
  ['join-worker', 3],
  ['leave-worker', 3],
  ['other-numerics', 1],
  ['cut', 10],
  ['half-open', 6],
  ['black-hole', 6],
  ['partition', 5],
  ['swizzle', 3],
  ['disk-full', 3],
  ['bit-flip', 1],
  ['drain', 3],
];

const TOTAL = WEIGHTS.reduce((sum, [, weight]) => sum + weight, 0);

/** Draws so many faults within a span of time, in its order. */
export function drawFaults(
  random: SeededRandom,
  numFaults: number,
  withinMs: number,
): Fault[] {
  const faults = Array.from({ length: numFaults }, () => ({
    kind: drawKind(random),
    atMs: Math.round(random.uniform(0, withinMs)),
    target: random.below(1000),
    forMs: Math.round(
      random.chance(0.7)
        ? random.uniform(10, 3000)
        : random.uniform(3000, 16_000),
    ),
  }));
  return faults.sort((a, b) => a.atMs - b.atMs);
}

function drawKind(random: SeededRandom): FaultKind {
  let at = random.below(TOTAL);
  for (const [kind, weight] of WEIGHTS) {
    if (at < weight) return kind;
    at -= weight;
  }
  return 'cut';
}

/** One line for people. */
export function describeFault({ kind, atMs, target, forMs }: Fault): string {
  return `${kind}@${atMs}:${target}:${forMs}`;
}

/** What {@link describeFault} wrote. */
export function parseFault(text: string): Fault {
  const [kind, rest] = text.split('@');
  const [atMs, target, forMs] = (rest ?? '').split(':').map(Number);
  const known = WEIGHTS.find(([one]) => one === kind)?.[0];
  if (!known || atMs === undefined || target === undefined) {
    throw new Error(`'${text}' is no fault: expected kind@atMs:target:forMs`);
  }
  return { kind: known, atMs, target, forMs: forMs ?? 0 };
}
