import { describe, expect, it } from 'vitest';
import { Goodput } from './goodput.js';

describe('Goodput', () => {
  it('is the share of the time that ended in applied steps', () => {
    const goodput = new Goodput();
    expect(goodput.ratio(0)).toBeUndefined();
    goodput.resumed(0, 1000);
    // a worker comes at 1400; the first step is applied at 1500
    goodput.applied(100);
    expect(goodput.ratio(1500)).toBe(100 / 500);
    // nothing is applied for a while
    expect(goodput.ratio(2000)).toBe(100 / 1000);
    goodput.applied(700);
    expect(goodput.ratio(2100)).toBe(700 / 1100);
  });

  it('takes back what has to be done again', () => {
    const goodput = new Goodput();
    goodput.resumed(0, 0);
    goodput.applied(900);
    expect(goodput.ratio(900)).toBe(1);
    // a server is lost at 1000; the checkpoint of 300 ms is there at 1500
    goodput.resumed(300, 1500);
    expect(goodput.ratio(1500)).toBe(300 / 1500);
    goodput.applied(800);
    expect(goodput.ratio(2000)).toBe(800 / 2000);
  });

  it('is that of this process alone', () => {
    const goodput = new Goodput();
    goodput.resumed(5000, 0);
    goodput.applied(5050);
    expect(goodput.ratio(100)).toBe(0.5);
    // back to before this process began
    goodput.resumed(4000, 200);
    expect(goodput.ratio(200)).toBe(0);
  });

  it('stays what it was when the run has ended', () => {
    const goodput = new Goodput();
    goodput.resumed(0, 0);
    goodput.applied(80);
    goodput.ended(100);
    goodput.ended(500);
    expect(goodput.ratio(1000)).toBe(0.8);
  });
});
