import { describe, expect, it } from 'vitest';
import type { WireFormat } from '@muster/protocol';
import { ScriptedServer } from '../testing.js';

const ASYNC = { name: 'async', maxStaleness: 9, scaling: 'none' } as const;
const MODES = [{ name: 'sync' }, ASYNC] as const;
const FORMATS = [
  ['float32', 'bf16'],
  ['bf16', 'float32'],
] as const;

/** A lone server whose 32 parameters are 1, and workers on two connections. */
function serverOf(consistency: (typeof MODES)[number], wire: WireFormat) {
  const server = new ScriptedServer({ consistency, wire }).restored(0);
  return server.join(1).join(2).take();
}

describe.each(MODES)('a push in mode $name', (consistency) => {
  it.each(FORMATS)('is taken in %s where the run is of it', (wire) => {
    const server = serverOf(consistency, wire);
    server.push(1, 0, 0).push(2, 0, 1);
    const outcomes = [1, 2].flatMap((k) => server.sent(k, 'push-result'));
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(
      Array(2).fill('accepted'),
    );
    // sums of 1 over 2 examples a leaf, rate 1: with the step, or one by one
    const expected =
      consistency.name === 'sync' ? 1 - 1 / 2 : 1 - 1 / 2 - 1 / 2;
    expect(server.machine.shard?.parameters).toEqual(
      new Float32Array(32).fill(expected),
    );
  });

  it.each(FORMATS)('of a run in %s is refused in %s', (wire, dtype) => {
    const server = serverOf(consistency, wire);
    server.push(1, 0, 0, { dtype });
    expect(server.sent(1, 'push-result')).toMatchObject([
      {
        ...{ outcome: 'refused', code: 'ERR_SHAPE_MISMATCH', version: 0 },
        message: `the slice of leaves 0 to 0 of step 0 was pushed as ${dtype}, the run's slices are ${wire} (--wire)`,
      },
    ]);
    // nothing of it is in: the same leaf is accepted from another
    server.push(2, 0, 0);
    expect(server.sent(2, 'push-result')).toMatchObject([
      { outcome: 'accepted' },
    ]);
  });
});
