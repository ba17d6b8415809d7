/**
 * All measurements, each while nobody else uses this machine, if that can be.
 */
import { calibrate } from './calibrate.js';
import type { Costs } from './costs.js';
import { measureLeaves } from './measure-leaves.js';
import { measureShard } from './measure-shard.js';
import { measureWire } from './measure-wire.js';
import { whenQuiet } from './quiet.js';
import type { Machine } from './simulate-here.js';

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

/** Measures; tells how busy others were meanwhile. */
export async function measureAll(
  tell: (line: string) => void,
): Promise<Measured> {
  const quietly = async <T>(name: string, measure: () => Promise<T>) => {
    const { value, numBusyElsewhere } = await whenQuiet(measure);
    tell(`${name}: ${numBusyElsewhere.toFixed(2)} cores busy elsewhere`);
    return value;
  };
  const { leaves, pairSpeed } = await quietly('leaves', measureLeaves);
  const near = await quietly('messages here', () =>
    measureWire({ isMasked: false, inFlight: 1 }),
  );
  const far = await quietly('messages between machines', () =>
    measureWire({ isMasked: true, inFlight: IN_FLIGHT }),
  );
  const shard = await quietly('arithmetic', measureShard);
  const machine = { pairSpeed, latencyMs: near.latencyMs };
  const pieces = { ...leaves, ...near.wire, ...shard };
  const here = { ...pieces, ...(await calibrate(pieces, machine)) };
  return { here, machine, cluster: { ...here, ...far.wire } };
}
