/**
 * One row a worker: what it did lately, from what is said of its pushes. A
 * push costs a few additions. Pure: time is passed in.
 */
import type { MemberView, RunReport } from '@muster/cluster';
import type { WorkerRow } from '@muster/dashboard';
import { RecentCount } from './recent-count.js';

type Pushed = Extract<RunReport, { type: 'pushed' }>;
type Phases = Pushed['phases'];

/** Weight of the newest task in the mean times. */
const NEWEST_WEIGHT = 0.1;
/** Rows of workers that are not there any more. */
const MAX_ABSENT = 24;
/** Workers whose work is counted; beyond it those that were added first go. */
const MAX_COUNTED = 2048;

interface Figures {
  readonly images: RecentCount;
  contributions: number;
  phases: Phases;
}

/** See the head of this file. */
export class WorkerRows {
  readonly #figures = new Map<string, Figures>();

  /** Hears of a push. */
  pushed({ workerId, outcome, count, phases }: Pushed, nowMs: number): void {
    const known = this.#figures.get(workerId) ?? this.#add(workerId, phases);
    known.phases = mean(known.phases, phases);
    if (outcome !== 'accepted') return;
    known.contributions++;
    known.images.add(count, nowMs);
  }

  /**
   * The rows of those that are there, and of some that were.
   * @param paces milliseconds a leaf, by worker.
   */
  rows(
    members: readonly MemberView[],
    paces: ReadonlyMap<string, number>,
    nowMs: number,
  ): WorkerRow[] {
    const medianMs = median([...paces.values()]);
    return shown(members).map((member) => {
      const { workerId, state } = member;
      const figures = this.#figures.get(workerId);
      const paceMs = paces.get(workerId);
      return {
        ...member,
        state: state === 'joined' ? 'active' : state,
        imagesPerSecond: Math.round(figures?.images.perSecond(nowMs) ?? 0),
        contributions: figures?.contributions ?? 0,
        phasesMs: rounded(figures?.phases ?? NO_PHASES),
        straggling:
          paceMs === undefined || medianMs === undefined
            ? 1
            : round(paceMs / medianMs),
      };
    });
  }

  #add(workerId: string, phases: Phases): Figures {
    const figures = { images: new RecentCount(), contributions: 0, phases };
    this.#figures.set(workerId, figures);
    const [first] = this.#figures.keys();
    if (this.#figures.size > MAX_COUNTED && first !== undefined) {
      this.#figures.delete(first);
    }
    return figures;
  }
}

const NO_PHASES: Phases = {
  ...{ wait: 0, data: 0, compute: 0, encode: 0, push: 0, pull: 0 },
};

/** Of those that are not there any more, the last ones. */
function shown(members: readonly MemberView[]): MemberView[] {
  const isAbsent = ({ state }: MemberView) =>
    state === 'lost' || state === 'gone';
  const absent = new Set(members.filter(isAbsent).slice(-MAX_ABSENT));
  return members.filter((one) => !isAbsent(one) || absent.has(one));
}

function mean(before: Phases, newest: Phases): Phases {
  const at = (name: keyof Phases) =>
    before[name] + NEWEST_WEIGHT * (newest[name] - before[name]);
  return mapPhases(at);
}

function rounded(phases: Phases): Phases {
  return mapPhases((name) => round(phases[name]));
}

function mapPhases(at: (name: keyof Phases) => number): Phases {
  return {
    wait: at('wait'),
    data: at('data'),
    compute: at('compute'),
    encode: at('encode'),
    push: at('push'),
    pull: at('pull'),
  };
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

function median(values: readonly number[]): number | undefined {
  return [...values].sort((a, b) => a - b)[(values.length - 1) >> 1];
}
