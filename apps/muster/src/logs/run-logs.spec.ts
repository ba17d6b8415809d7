import { describe, expect, it } from 'vitest';
import { mergeLogs, parseLogs, processOf } from './run-logs.js';

/** A line at so many milliseconds after a moment. */
function line(ms: number, event: string, fields: object = {}): string {
  const time = new Date(Date.UTC(2026, 0, 1) + ms).toISOString();
  return JSON.stringify({ level: 'info', time, event, ...fields });
}
const log = (process: string, ...lines: string[]) =>
  parseLogs(process, lines.map((one) => `${one}\n`).join(''));
const told = (...parts: ReturnType<typeof log>[]) =>
  mergeLogs(parts).map(({ process, event }) => `${process} ${event}`);

describe('parseLogs', () => {
  it('counts lines that cannot be read, and reads the others', () => {
    const half = line(2, 'b').slice(0, 30);
    const { lines, numDamaged } = log(
      'w',
      line(1, 'a'),
      half,
      'Killed',
      line(3, 'c'),
    );
    expect(lines.map(({ event }) => event)).toEqual(['a', 'c']);
    expect(numDamaged).toBe(2);
  });

  it('reads the line of the next life behind one that was cut off', () => {
    const { lines, numDamaged } = log(
      'w',
      line(1, 'a').slice(0, 30) + line(2, 'b'),
    );
    expect(lines.map(({ event }) => event)).toEqual(['b']);
    expect(numDamaged).toBe(1);
  });
});

describe('mergeLogs', () => {
  it('puts the lines of all logs in the order of time', () => {
    const a = log('a', line(1, 'x'), line(4, 'y'));
    const b = log('b', line(2, 'x'), line(3, 'y'), line(5, 'z'));
    expect(told(a, b)).toEqual(['a x', 'b x', 'b y', 'a y', 'b z']);
  });

  it('keeps the order of the logs where times are equal', () => {
    expect(told(log('a', line(1, 'x')), log('b', line(1, 'x')))).toEqual([
      'a x',
      'b x',
    ]);
  });

  it('keeps the order of a log whose clock was set back', () => {
    const a = log('a', line(10, 'before'), line(2, 'after'), line(11, 'later'));
    expect(told(a, log('b', line(5, 'x')))).toEqual([
      'b x',
      'a before',
      'a after',
      'a later',
    ]);
  });

  it('loses and doubles nothing, whatever the clocks did', () => {
    // a generator of its own, so that a failure can be had again
    let seed = 1;
    const random = () => (seed = (seed * 48_271) % 2_147_483_647);
    const parts = ['a', 'b', 'c'].map((name) =>
      log(
        name,
        ...Array.from({ length: 50 }, (_, i) => line(random() % 100, `${i}`)),
      ),
    );
    const merged = mergeLogs(parts);
    for (const { lines } of parts) {
      const [{ process } = { process: '' }] = lines;
      expect(merged.filter((one) => one.process === process)).toEqual(lines);
    }
    expect(merged).toHaveLength(150);
  });
});

it('takes a server without a number for the first', () => {
  expect(['server.log', 'server-1.log', 'b-0.log'].map(processOf)).toEqual([
    'server-0',
    'server-1',
    'b-0',
  ]);
});
