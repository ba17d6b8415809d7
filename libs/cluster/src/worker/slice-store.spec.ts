import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SliceStore } from './slice-store.js';

const RANGES = [
  { begin: 0, end: 2 },
  { begin: 2, end: 3 },
];

/** Two servers: keys 0 and 1, key 2. */
class Stage {
  readonly store = new SliceStore(3, 2);

  /** A slice that is filled with its version. */
  put(server: number, version: number, term = 1, value = version): this {
    const range = RANGES[server] ?? { begin: 0, end: 0 };
    const { begin, end } = range;
    const values = new Float32Array(end - begin).fill(value);
    this.store.put(server, { term, version, begin, end, values });
    return this;
  }

  exactly(version: number): number[] | undefined {
    const lent = this.store.exactly(version);
    return lent && [...lent.parameters];
  }
}

describe('SliceStore', () => {
  it('has a version when all of its slices have it', () => {
    const stage = new Stage();
    const seen = [
      stage.store.version,
      stage.put(0, 4).store.version,
      stage.put(1, 4).store.version,
      stage.put(0, 5).store.version,
      stage.put(1, 5, 2).store.version,
      stage.put(0, 5, 2).store.version,
    ];
    // slices of two terms are no version, as one server went back
    expect(seen).toEqual([undefined, undefined, 4, undefined, undefined, 5]);
  });

  it('copies what it is given', () => {
    const store = new SliceStore(2, 1);
    const values = Float32Array.of(1, 2);
    store.put(0, { term: 1, version: 0, begin: 0, end: 2, values });
    values.fill(9);
    expect([...store.exactly(0)!.parameters]).toEqual([1, 2]);
  });

  it('lends nothing while a slice is missing', () => {
    const { store } = new Stage().put(0, 4);
    expect(store.exactly(4)).toBeUndefined();
    expect(store.atLeast(0)).toBeUndefined();
  });

  it('lends the newest slices with the version of each', () => {
    const { store } = new Stage().put(0, 4, 3).put(1, 6, 3);
    expect(store.exactly(4)).toBeUndefined();
    expect(store.atLeast(5)).toBeUndefined();
    const lent = store.atLeast(4);
    expect(lent).toMatchObject({ term: 3, bases: [4, 6] });
    expect([...lent!.parameters]).toEqual([4, 4, 6]);
  });

  it('lends no slices of two terms together', () => {
    const { store } = new Stage().put(0, 4, 1).put(1, 4, 2);
    expect(store.atLeast(0)).toBeUndefined();
    expect(store.exactly(4)).toBeUndefined();
  });

  it('never writes to what is lent, and copies once', () => {
    const stage = new Stage().put(0, 4).put(1, 4);
    const first = stage.store.exactly(4)!.parameters;
    stage.put(0, 5).put(1, 5);
    expect([...first]).toEqual([4, 4, 4]);
    const second = stage.store.exactly(5)!.parameters;
    expect([...second]).toEqual([5, 5, 5]);
    expect(second).not.toBe(first);
  });

  it('writes in place again once it was given back', () => {
    const stage = new Stage().put(0, 4).put(1, 4);
    const first = stage.store.exactly(4)!.parameters;
    stage.store.giveBack();
    stage.put(0, 5).put(1, 5);
    expect(stage.store.exactly(5)!.parameters).toBe(first);
  });

  it('goes back with a newer term, and never with an older one', () => {
    const stage = new Stage().put(0, 9, 1).put(1, 9, 1);
    stage.put(0, 4, 2).put(1, 4, 2);
    expect(stage.exactly(4)).toEqual([4, 4, 4]);
    stage.put(0, 10, 1).put(1, 10, 1);
    expect(stage.store.version).toBe(4);
  });

  it('takes no older version of the same term for the newest', () => {
    const stage = new Stage().put(0, 9).put(1, 9).put(0, 8);
    expect(stage.exactly(9)).toEqual([9, 9, 9]);
    expect(stage.exactly(8)).toBeUndefined();
  });

  it('asks who is behind a version, and who is of an older term', () => {
    const stage = new Stage().put(0, 4, 1);
    expect(stage.store.behind(4)).toEqual([1]);
    stage.put(1, 6, 1);
    expect([4, 5, 7].map((v) => stage.store.behind(v))).toEqual([
      [],
      [0],
      [0, 1],
    ]);
    stage.put(1, 6, 2);
    expect(stage.store.behind(0)).toEqual([0]);
  });
});

describe('a version beside the newest', () => {
  it('is on its way by itself while no slice is newer', () => {
    const stage = new Stage().put(0, 4);
    expect(stage.store.isComing(4)).toBe(true);
    expect(stage.store.isComing(3)).toBe(false);
    expect(stage.store.missing(4)).toEqual([1]);
    expect(stage.store.missing(5)).toEqual([0, 1]);
    // nothing was set aside for it: the newest come into place
    expect(stage.put(1, 4).exactly(4)).toEqual([4, 4, 4]);
  });

  it('is put together from what is here and what is pulled', () => {
    const stage = new Stage().put(0, 5).put(1, 4);
    // server 0 has gone on, server 1 is still there
    expect(stage.store.missing(4)).toEqual([0]);
    stage.put(1, 5);
    expect(stage.exactly(4)).toBeUndefined();
    stage.put(0, 4);
    expect(stage.store.missing(4)).toEqual([]);
    expect(stage.store.exactly(4)).toMatchObject({ term: 1, bases: [4, 4] });
    expect(stage.exactly(4)).toEqual([4, 4, 4]);
    expect(stage.exactly(5)).toEqual([5, 5, 5]);
  });

  it('takes an answer that comes twice once', () => {
    const stage = new Stage().put(0, 5).put(1, 5);
    stage.store.missing(4);
    stage.put(0, 4).put(0, 4, 1, 77).put(1, 4);
    expect(stage.exactly(4)).toEqual([4, 4, 4]);
  });

  it('may be one of several', () => {
    const stage = new Stage().put(0, 9).put(1, 9);
    expect(stage.store.missing(4)).toEqual([0, 1]);
    expect(stage.store.missing(5)).toEqual([0, 1]);
    stage.put(0, 4).put(1, 5).put(0, 5).put(1, 4);
    expect([stage.exactly(4), stage.exactly(5)]).toEqual([
      [4, 4, 4],
      [5, 5, 5],
    ]);
  });

  it('is kept while it is wanted', () => {
    const stage = new Stage().put(0, 9).put(1, 9);
    for (const version of [4, 5]) {
      stage.store.missing(version);
      stage.put(0, version).put(1, version);
    }
    stage.store.wantOnly([5, 6]);
    expect(stage.exactly(4)).toBeUndefined();
    expect(stage.exactly(5)).toEqual([5, 5, 5]);
    expect(stage.store.missing(4)).toEqual([0, 1]);
  });

  it('is of one term: what was before the servers went back does not count', () => {
    const stage = new Stage().put(0, 9, 1).put(1, 9, 1);
    stage.store.missing(4);
    stage.put(0, 4, 1, 41);
    // all go back, and come to version 4 again in another order, and beyond
    stage.put(0, 5, 2).put(1, 5, 2);
    expect(stage.store.missing(4)).toEqual([0, 1]);
    stage.put(1, 4, 2, 42);
    expect(stage.exactly(4)).toBeUndefined();
    stage.put(0, 4, 1, 41).put(0, 4, 2, 42);
    expect(stage.exactly(4)).toEqual([42, 42, 42]);
    expect(stage.store.exactly(4)?.term).toBe(2);
  });

  it('does not outlive its term when it was whole', () => {
    const stage = new Stage().put(0, 9, 1).put(1, 9, 1);
    stage.store.missing(4);
    stage.put(0, 4, 1).put(1, 4, 1);
    stage.put(0, 5, 2).put(1, 5, 2);
    expect(stage.exactly(4)).toBeUndefined();
  });

  it('is missing where a slice of it is of an older term', () => {
    const stage = new Stage().put(0, 4, 1).put(1, 4, 2);
    expect(stage.store.isComing(4)).toBe(true);
    expect(stage.store.missing(4)).toEqual([0]);
    const ahead = new Stage().put(0, 4, 1).put(1, 5, 2);
    expect(ahead.store.missing(4)).toEqual([0, 1]);
  });

  it('is not written to when more comes', () => {
    const stage = new Stage().put(0, 9).put(1, 9);
    stage.store.missing(4);
    stage.put(0, 4).put(1, 4);
    const lent = stage.store.exactly(4)!.parameters;
    stage.put(0, 10).put(1, 10).put(0, 4, 1, 77);
    stage.store.missing(5);
    expect([...lent]).toEqual([4, 4, 4]);
  });
});

interface Arrival {
  readonly server: number;
  readonly version: number;
  readonly term: number;
  /** What is asked for after it. */
  readonly wanted: number;
}

describe('whatever comes in whatever order', () => {
  it('lends what has one term, exact versions, and its own bases', () => {
    const arrival: fc.Arbitrary<Arrival> = fc.record({
      server: fc.nat(1),
      version: fc.nat(4),
      term: fc.integer({ min: 1, max: 2 }),
      wanted: fc.nat(4),
    });
    const law = (arrivals: Arrival[]) => {
      const stage = new Stage();
      for (const { server, version, term, wanted } of arrivals) {
        // the value tells where a number is from
        stage.put(server, version, term, version * 10 + term);
        const newest = stage.store.atLeast(wanted);
        if (newest) {
          const [a, b] = newest.bases as [number, number];
          const value = (base: number) => base * 10 + newest.term;
          expect([...newest.parameters]).toEqual([
            ...[value(a), value(a), value(b)],
          ]);
          expect(Math.min(a, b)).toBeGreaterThanOrEqual(wanted);
        }
        stage.store.giveBack();
        const whole = stage.store.version;
        if (whole === undefined) continue;
        const exact = stage.store.exactly(whole)!;
        const value = whole * 10 + exact.term;
        expect([...exact.parameters]).toEqual([value, value, value]);
      }
    };
    fc.assert(fc.property(fc.array(arrival, { maxLength: 20 }), law), {
      numRuns: 300,
    });
  });
});
