/**
 * Cuts the fault list of a failing scenario down, and says how to replay it.
 */
import { describeFault } from './faults.js';
import { SimulatedCluster } from './simulated-cluster.js';
import type { Scenario } from './scenario.js';

/** Removes faults one by one as long as it still fails. */
export function shrink(
  scenario: Scenario,
  isFailing: (scenario: Scenario) => boolean = fails,
): Scenario {
  let smallest = scenario;
  for (let isSmaller = true; isSmaller; ) {
    isSmaller = false;
    for (let i = smallest.faults.length - 1; i >= 0; i--) {
      const faults = smallest.faults.filter((_, at) => at !== i);
      const candidate = { ...smallest, faults };
      if (!isFailing(candidate)) continue;
      smallest = candidate;
      isSmaller = true;
    }
  }
  return smallest;
}

/** The command that runs exactly this again. */
export function replayCommand({ seed, faults, run }: Scenario): string {
  const list = faults.map(describeFault).join(',');
  const { name } = run.consistency;
  return `npm run simulate -- --from ${seed} --seeds 1 --mode ${name} --faults '${list}'`;
}

function fails(scenario: Scenario): boolean {
  return new SimulatedCluster(scenario).run().violation !== undefined;
}
