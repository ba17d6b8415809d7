/**
 * What a leaf costs a worker: the network's gradient and the sum, as a
 * distribution, from which simulated stragglers come.
 */
import { mean } from '../statistics.js';
import { startContender } from './by-size.js';
import type { LeavesAnswer, LeavesQuestion } from './contenders/leaves.js';
import type { Costs } from './costs.js';

/** Images of a leaf. */
export const LEAF_IMAGES = 128;
const LEAVES: LeavesQuestion = {
  ...{ leafImages: LEAF_IMAGES, leaves: 4, tasks: 40 },
};
const PAIR: LeavesQuestion = { ...LEAVES, tasks: 15 };

/** Leaves, and how fast a core is while the other one computes too, 0 to 1. */
export interface MeasuredLeaves {
  readonly leaves: Pick<Costs, 'firstLeafMs' | 'nextLeafMs'>;
  readonly pairSpeed: number;
}

/** Measures one worker alone, and then two at the same time. */
export async function measureLeaves(): Promise<MeasuredLeaves> {
  await using one = await startContender('leaves', 0);
  const { first, next } = await one.ask<LeavesAnswer>(LEAVES);
  await using other = await startContender('leaves', 1);
  const pair = await Promise.all(
    [one, other].map((each) => each.ask<LeavesAnswer>(PAIR)),
  );
  const alone = mean([...first, ...next]);
  const together = mean(pair.flatMap((each) => [...each.first, ...each.next]));
  return {
    leaves: { firstLeafMs: first, nextLeafMs: next },
    pairSpeed: Math.min(1, alone / together),
  };
}
