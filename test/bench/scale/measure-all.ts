/**
 * All measurements, each while nobody else uses this machine, if that can be.
 */
import { calibrate } from './calibrate.js';
import type { Cost, Costs } from './costs.js';
import type { LeafPair } from './leaf-pair.js';
import { measureShard } from './measure-shard.js';
import { measureWire } from './measure-wire.js';
import { whenQuiet } from './quiet.js';
import type { Machine } from './simulate-here.js';
import { whenSteady } from './steady.js';

/** What was measured; how many workers there are is not in it. */
export interface Measured {
  /** Of processes that share this machine. */
  readonly here: Omit<Costs, 'accountMs'>;
  readonly machine: Machine;
  /** Of processes with a machine each. */
  readonly cluster: Omit<Costs, 'accountMs'>;
}

/** Messages at once, as many workers send them. */
const IN_FLIGHT = 8;

/** Measures; tells how busy others were meanwhile, and how fast all was. */
export async function measureAll(
  pair: LeafPair,
  tell: (line: string) => void,
): Promise<Measured> {
  const first = await whenQuiet(() => pair.measure());
  const { leaves, pairSpeed } = first.value;
  tell(`leaves: ${first.numBusyElsewhere.toFixed(2)} cores busy elsewhere`);
  const steadily = async <T>(name: string, measure: () => Promise<T>) => {
    const { numBusyElsewhere, ...steady } = await whenSteady(pair, measure);
    const [busy, slow] = [numBusyElsewhere, steady.slowness];
    tell(`${name}: ${busy.toFixed(2)} cores busy, ${slow.toFixed(2)} as slow`);
    return steady;
  };
  const here = await steadily('messages here', () =>
    measureWire({ isMasked: false, inFlight: 1 }),
  );
  const far = await steadily('messages between machines', () =>
    measureWire({ isMasked: true, inFlight: IN_FLIGHT }),
  );
  const shard = await steadily('arithmetic', measureShard);
  const machine = { pairSpeed, latencyMs: here.value.latencyMs };
  const pieces = {
    ...leaves,
    ...scaled(here.value.wire, 1 / here.slowness),
    ...scaled(shard.value, 1 / shard.slowness),
  };
  const all = { ...pieces, ...(await calibrate(pieces, machine, pair)) };
  const between = scaled(far.value.wire, 1 / far.slowness);
  return { here: all, machine, cluster: { ...all, ...between } };
}

/** So many times each cost. */
function scaled<T extends Readonly<Record<string, Cost>>>(
  costs: T,
  factor: number,
): T {
  const entries = Object.entries(costs).map(([name, cost]) => [
    name,
    {
      fixedMs: cost.fixedMs * factor,
      msPerByte: cost.msPerByte * factor,
    },
  ]);
  return Object.fromEntries(entries) as T;
}
