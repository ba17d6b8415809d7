/**
 * What a leaf costs a worker, the network's gradient and the sum, as a
 * distribution, from which simulated stragglers come; and how fast this
 * machine is at present. Where others share its hardware, that changes by ten
 * per cent within minutes.
 */
import type { Contender } from '../contender.js';
import { mean } from '../statistics.js';
import { startContender } from './by-size.js';
import type { LeavesAnswer, LeavesQuestion } from './contenders/leaves.js';
import type { Costs } from './costs.js';

/** Images of a leaf. */
export const LEAF_IMAGES = 128;
const LEAVES = { leafImages: LEAF_IMAGES, leaves: 4, tasks: 16 };
const WARM_UP = { ...LEAVES, tasks: 30 };
const PROBE = { ...LEAVES, tasks: 10 };
const ROUNDS = 3;

/** Leaves, and how fast a core is while the other one computes too, 0 to 1. */
export interface MeasuredLeaves {
  readonly leaves: Pick<Costs, 'firstLeafMs' | 'nextLeafMs'>;
  readonly pairSpeed: number;
}

/** Two workers that compute leaves when they are asked to, each on a core. */
export class LeafPair implements AsyncDisposable {
  readonly #one: Contender;
  readonly #other: Contender;
  /** Of a leaf when it was measured, both at work. Milliseconds. */
  #measuredMs = NaN;

  private constructor(one: Contender, other: Contender) {
    this.#one = one;
    this.#other = other;
  }

  /** Starts both, and lets them warm up. */
  static async start(): Promise<LeafPair> {
    const one = await startContender('leaves', 0);
    const pair = new LeafPair(one, await startContender('leaves', 1));
    await pair.#together(WARM_UP);
    return pair;
  }

  /** One alone and two at the same time, in turn. */
  async measure(): Promise<MeasuredLeaves> {
    const [alone, paired]: [LeavesAnswer[], LeavesAnswer[]] = [[], []];
    for (let round = 0; round < ROUNDS; round++) {
      alone.push(await this.#one.ask<LeavesAnswer>(LEAVES));
      paired.push(...(await this.#together(LEAVES)));
    }
    this.#measuredMs = meanOf(paired);
    return {
      leaves: {
        firstLeafMs: alone.flatMap(({ first }) => first),
        nextLeafMs: alone.flatMap(({ next }) => next),
      },
      pairSpeed: Math.min(1, meanOf(alone) / this.#measuredMs),
    };
  }

  /** How many times as long a leaf takes now as when it was measured. */
  async slowness(): Promise<number> {
    return meanOf(await this.#together(PROBE)) / this.#measuredMs;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#one[Symbol.asyncDispose]();
    await this.#other[Symbol.asyncDispose]();
  }

  #together(question: LeavesQuestion): Promise<LeavesAnswer[]> {
    const pair = [this.#one, this.#other];
    return Promise.all(pair.map((each) => each.ask<LeavesAnswer>(question)));
  }
}

/** Milliseconds a leaf. */
function meanOf(answers: readonly LeavesAnswer[]): number {
  return mean(answers.flatMap(({ first, next }) => [...first, ...next]));
}
