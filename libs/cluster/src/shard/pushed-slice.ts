/**
 * What is pushed to a shard, and whether it fits the shard and its run: what
 * does not would spoil a sum, so it is refused before anything is added.
 */
import { TreeSum } from '@muster/optimizer';
import type { Contribution } from '@muster/optimizer';
import type { LeafRun, Plan } from '../plan/plan.js';

/**
 * A pushed vector and where it belongs; rounded already to the run's format,
 * as everything is that a worker has added up.
 */
export interface PushedSlice extends Contribution, LeafRun {
  /** Key range `[begin, end)` in elements. */
  readonly begin: number;
  readonly end: number;
  /** Version of this shard's slice that it was computed from. */
  readonly base: number;
}

/** What a pushed slice has to fit. */
export interface SliceOwner {
  readonly plan: Plan;
  /** Key range `[begin, end)` in elements. */
  readonly begin: number;
  readonly end: number;
}

/** Why a slice does not fit, for people; nothing when it does. */
export function misfitOf(
  pushed: PushedSlice,
  owner: SliceOwner,
): string | undefined {
  return (
    misfitOfLeaves(pushed, owner.plan) ??
    misfitOfKeys(pushed, owner) ??
    misfitOfCount(pushed, owner.plan)
  );
}

function misfitOfLeaves(
  { step, firstLeaf, numLeaves }: LeafRun,
  plan: Plan,
): string | undefined {
  const { schedule } = plan;
  if (step >= schedule.totalSteps) return `step ${step} does not exist`;
  const leaves = schedule.stepAt(step).numLeaves;
  if (!TreeSum.isAligned(firstLeaf, numLeaves, leaves)) {
    return `${numLeaves} leaves from leaf ${firstLeaf} are not an aligned run of the ${leaves} leaves of step ${step}`;
  }
  const first = plan.stepOf(plan.versionOf(step, firstLeaf));
  if (step !== first) {
    return `step ${step} is within the round of step ${first}, which is pushed as a whole`;
  }
  if (plan.isOnArrival && numLeaves !== 1) {
    return `${numLeaves} leaves were pushed together, in this mode each goes alone`;
  }
  return undefined;
}

function misfitOfKeys(
  { begin, end, slice }: PushedSlice,
  owner: SliceOwner,
): string | undefined {
  if (begin !== owner.begin || end !== owner.end) {
    return `a slice of keys ${begin} to ${end} was pushed to the shard of keys ${owner.begin} to ${owner.end}`;
  }
  if (slice.length !== end - begin) {
    return `the slice holds ${slice.length} numbers, its key range ${end - begin}`;
  }
  return undefined;
}

function misfitOfCount(pushed: PushedSlice, plan: Plan): string | undefined {
  const count = plan.countOf(pushed);
  if (pushed.count === count) return undefined;
  return `the contribution counts ${pushed.count} examples, its leaves hold ${count}`;
}
