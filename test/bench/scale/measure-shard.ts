/**
 * What a server computes: checking, adding, applying, and halving.
 */
import { bySize, costBySize, startContender } from './by-size.js';
import type { ShardAnswer, ShardQuestion } from './contenders/shard.js';
import type { Costs } from './costs.js';

const STEPS = 40;

/** Processor time. */
export type ShardCosts = Pick<
  Costs,
  'check' | 'add' | 'apply' | 'round' | 'toHalf' | 'fromHalf'
>;

/** Measures in a process of its own. */
export async function measureShard(): Promise<ShardCosts> {
  await using shard = await startContender('shard', 0);
  const answers = await bySize((length) => {
    const question: ShardQuestion = { length, steps: STEPS };
    return shard.ask<ShardAnswer>(question);
  });
  return {
    check: costBySize(answers, checkOf),
    add: costBySize(answers, addOf),
    apply: costBySize(answers, applyOf),
    round: costBySize(answers, ({ round }) => round),
    toHalf: costBySize(answers, ({ encode }) => encode),
    fromHalf: costBySize(answers, ({ decode }) => decode),
  };
}

function checkOf({
  pushes: [first = NaN, , third = NaN],
}: ShardAnswer): number {
  return (first + third) / 2;
}

function addOf(answer: ShardAnswer): number {
  return (answer.pushes[1] ?? NaN) - checkOf(answer);
}

/** The last push of four is checked, added twice, and applied. */
function applyOf(answer: ShardAnswer): number {
  const last = answer.pushes[3] ?? NaN;
  return last - checkOf(answer) - 2 * addOf(answer);
}
