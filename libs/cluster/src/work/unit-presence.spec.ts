import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UnitPresence } from './unit-presence.js';

const NUM_UNITS = 4;

interface Word {
  readonly isLoss: boolean;
  readonly server: number;
  readonly unit: number;
}

describe('UnitPresence', () => {
  it('says what a set of servers for each unit would say', () => {
    const word: fc.Arbitrary<Word> = fc.record({
      isLoss: fc.boolean(),
      server: fc.nat(31),
      unit: fc.nat(NUM_UNITS - 1),
    });
    const law = (numServers: number, words: Word[]) => {
      const presence = new UnitPresence(NUM_UNITS, numServers);
      const sets = Array.from({ length: NUM_UNITS }, () => new Set<number>());
      for (const { isLoss, unit, ...drawn } of words) {
        const server = drawn.server % numServers;
        if (isLoss) {
          presence.forget(server, unit);
          for (const set of sets.slice(0, unit)) set.delete(server);
        } else {
          presence.mark(server, unit);
          sets[unit]?.add(server);
        }
        const isDone = sets.map((set) => set.size === numServers);
        expect(sets.map((_, i) => presence.isDone(i))).toEqual(isDone);
        expect(presence.numDone).toBe(isDone.filter(Boolean).length);
        const first = [...(sets[0] ?? [])].sort().join();
        const alike = sets.map((set) => [...set].sort().join() === first);
        expect(sets.map((_, i) => presence.areAlike(i, 0))).toEqual(alike);
      }
    };
    const words = fc.array(word, { maxLength: 60 });
    fc.assert(fc.property(fc.integer({ min: 1, max: 3 }), words, law));
    // all 32 bits: the sign of a 32-bit integer among them
    fc.assert(fc.property(fc.constant(32), words, law));
  });

  it('has a unit done with the last of 32 servers', () => {
    const presence = new UnitPresence(1, 32);
    for (let server = 0; server < 32; server++) {
      expect(presence.isDone(0)).toBe(false);
      presence.mark(server, 0);
    }
    expect([presence.isDone(0), presence.numDone]).toEqual([true, 1]);
  });
});
