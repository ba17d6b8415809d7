/**
 * Looks for a planted bug, seed after seed, as the simulation would.
 */
import type { PlantedBug } from './planted-bug.js';
import { PLANTED_IN_EDGES } from './planted-in-edges.js';
import { PLANTED_IN_NUMBERS } from './planted-in-numbers.js';
import { PLANTED_IN_WORDS } from './planted-in-words.js';
import { scenarioOf } from './scenario.js';
import { SeededRandom } from './seeded-random.js';
import { SimulatedCluster } from './simulated-cluster.js';

/** All planted bugs. */
export const PLANTED_BUGS: readonly PlantedBug[] = [
  ...PLANTED_IN_NUMBERS,
  ...PLANTED_IN_WORDS,
  ...PLANTED_IN_EDGES,
];

/** How a planted bug was found. */
export interface Found {
  /** Seeds that were needed. */
  readonly numSeeds: number;
  readonly violation: string;
}

/** Simulates until an oracle speaks up; nothing if none does. */
export function findPlanted(
  { plant, mode }: PlantedBug,
  maxSeeds: number,
): Found | undefined {
  for (let seed = 0; seed < maxSeeds; seed++) {
    const sabotage = plant(new SeededRandom(seed, 9));
    const scenario = scenarioOf(seed, mode);
    const { violation } = new SimulatedCluster(
      scenario,
      undefined,
      sabotage,
    ).run();
    if (violation !== undefined) return { numSeeds: seed + 1, violation };
  }
  return undefined;
}
