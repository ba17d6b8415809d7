/**
 * Where the workers' time went: their phases summed up by worker, from one
 * epoch's end to the next, for `metrics.jsonl`.
 */
import type { RunReport } from '@muster/cluster';

type Pushed = Pick<
  Extract<RunReport, { type: 'pushed' }>,
  'workerId' | 'outcome' | 'count' | 'phases'
>;

/** What one worker did since the last time that it was asked for. */
export interface WorkerTotals {
  /** Contributions that were accepted. */
  readonly tasks: number;
  /** Examples in them. */
  readonly examples: number;
  /** Milliseconds by phase, of all its pushes, accepted or not. */
  readonly phasesMs: Readonly<Record<string, number>>;
}

/** Workers that are told apart; the work of more is summed up as `others`. */
const MOST_WORKERS = 256;

/** Sums up. */
export class PhaseTotals {
  #totals = new Map<string, WorkerTotals>();

  /** Hears of a push. */
  add({ workerId, outcome, count, phases }: Pushed): void {
    const isKnown = this.#totals.has(workerId);
    const isRoom = this.#totals.size < MOST_WORKERS;
    const key = isKnown || isRoom ? workerId : 'others';
    const { tasks = 0, examples = 0, phasesMs } = this.#totals.get(key) ?? {};
    const isAccepted = outcome === 'accepted';
    this.#totals.set(key, {
      tasks: tasks + Number(isAccepted),
      examples: examples + (isAccepted ? count : 0),
      phasesMs: sumOf(phasesMs ?? {}, phases),
    });
  }

  /** Gives the totals by worker and begins again; nothing where nothing was. */
  take(): Readonly<Record<string, WorkerTotals>> | undefined {
    if (this.#totals.size === 0) return undefined;
    const totals = Object.fromEntries(this.#totals);
    this.#totals = new Map();
    return totals;
  }
}

function sumOf(
  a: Readonly<Record<string, number>>,
  b: Readonly<Record<string, number>>,
): Record<string, number> {
  const entries = Object.entries(b);
  return Object.fromEntries(
    entries.map(([name, value]) => [name, (a[name] ?? 0) + value]),
  );
}
