/**
 * Simulates many clusters:
 * `npm run simulate -- --seeds 10000 [--from N] [--mode sync|local|bounded|async]
 * [--faults LIST] [--trace]`.
 */
import { parseArgs } from 'node:util';
import { parseFault } from './faults.js';
import { scenarioOf } from './scenario.js';
import type { Mode, Scenario } from './scenario.js';
import { replayCommand, shrink } from './shrink.js';
import { SimulatedCluster } from './simulated-cluster.js';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1000' },
    from: { type: 'string', default: '0' },
    mode: { type: 'string' },
    faults: { type: 'string' },
    trace: { type: 'boolean', default: false },
    /** Failures after which it stops. */
    failures: { type: 'string', default: '1' },
  },
});

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

function scenarioFor(seed: number): Scenario {
  // the mode changes what is drawn after it: a replay names it only if it was
  const scenario = scenarioOf(seed, values.mode as Mode | undefined);
  if (values.faults === undefined) return scenario;
  const list = values.faults.split(',').filter((text) => text !== '');
  return { ...scenario, faults: list.map(parseFault) };
}

function trace(atMs: number, who: string, what: string): void {
  print(`${atMs.toFixed(1)} ${who} ${what}`);
}

const from = Number(values.from);
const numSeeds = Number(values.seeds);
let numFailed = 0;
let numEvents = 0;
let virtualMs = 0;
const began = process.hrtime.bigint();
for (let seed = from; seed < from + numSeeds; seed++) {
  const scenario = scenarioFor(seed);
  const tracing = values.trace ? trace : undefined;
  const result = new SimulatedCluster(scenario, tracing).run();
  numEvents += result.numEvents;
  virtualMs += result.virtualMs;
  if (result.violation === undefined) continue;
  numFailed++;
  print(`seed ${seed}: ${result.violation}`);
  print(`  ${replayCommand(values.trace ? scenario : shrink(scenario))}`);
  if (numFailed >= Number(values.failures)) break;
}
const seconds = Number(process.hrtime.bigint() - began) / 1e9;
print(
  `${numSeeds} seeds, ${numFailed} failed; ${numEvents} events, ${Math.round(virtualMs / 1000)} virtual s in ${seconds.toFixed(1)} s: ${Math.round(virtualMs / 1000 / seconds)} times as fast`,
);
process.exitCode = numFailed > 0 ? 1 : 0;
