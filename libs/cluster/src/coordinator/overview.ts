/**
 * Where a run stands, for whoever watches: read off the coordinator's parts
 * when it is asked for, and changing nothing.
 */
import type { Coordination } from './coordination.js';
import type { Member } from './membership.js';
import type { TaskBoard } from '../work/task-board.js';

/** One leaf of what is out. */
export interface LeafView {
  readonly step: number;
  readonly leaf: number;
  /** `summed`: it is in on every server. */
  readonly state: 'open' | 'leased' | 'summed';
  /** Who holds it, the first of two; nothing while nobody does. */
  readonly holder: string | undefined;
  /** Whether two hold it. */
  readonly hasBackup: boolean;
}

/** One worker that is or was there. */
export type MemberView = Readonly<
  Pick<Member, 'workerId' | 'incarnation' | 'backend' | 'state'>
>;

/** See the head of this file. */
export interface Overview {
  readonly phase: 'gathering' | 'running' | 'evaluating' | 'ended';
  /** In the order of their first join. */
  readonly members: readonly MemberView[];
  /**
   * Of the step that is worked on; where gradients are applied as they
   * arrive, of the first one that is not whole.
   */
  readonly leaves: readonly LeafView[];
}

/** Gives where the run stands. */
export function overviewOf(all: Coordination): Overview {
  return {
    phase: phaseOf(all),
    members: all.roster.all.map(({ workerId, incarnation, backend, state }) => {
      return { workerId, incarnation, backend, state };
    }),
    leaves: leavesOf(all),
  };
}

function phaseOf({ phase, work }: Coordination): Overview['phase'] {
  const isOnlyEvaluating = work.evaluation && !work.segment;
  return phase === 'running' && isOnlyEvaluating ? 'evaluating' : phase;
}

function leavesOf({ work, plan, run }: Coordination): LeafView[] {
  const { segment, board } = work;
  if (segment === undefined || board === undefined) return [];
  const first = plan.isOnArrival ? firstOpen(board, run.microBatches) : 0;
  const end = Math.min(first + run.microBatches, board.numUnits);
  const holders = holdersOf(board);
  const views: LeafView[] = [];
  for (let unit = first; unit < end; unit++) {
    const { step, firstLeaf: leaf } = plan.leavesOf(segment, unit, 1);
    const [holder, backup] = holders.get(unit) ?? [];
    const isDone = board.isUnitDone(unit);
    const state = isDone ? 'summed' : holder ? 'leased' : 'open';
    const hasBackup = backup !== undefined;
    views.push({ step, leaf, state, holder, hasBackup });
  }
  return views;
}

/** The beginning of the first group of units in which one is not done. */
function firstOpen(board: TaskBoard, size: number): number {
  let unit = 0;
  while (unit < board.numUnits && board.isUnitDone(unit)) unit++;
  return Math.floor(Math.min(unit, board.numUnits - 1) / size) * size;
}

/** Workers by unit, in the order in which they were given it. */
function holdersOf(board: TaskBoard): Map<number, string[]> {
  const holders = new Map<number, string[]>();
  for (const { first, num, workerId } of board.leases.values()) {
    for (let unit = first; unit < first + num; unit++) {
      holders.set(unit, [...(holders.get(unit) ?? []), workerId]);
    }
  }
  return holders;
}
