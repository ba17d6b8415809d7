import { describe, expect, it } from 'vitest';
import { FailureHistory } from './failure-history.js';

/** A history with a span of one second; a failure is `who` and a time. */
function historyOf(...failures: readonly (readonly [string, number])[]) {
  const history = new FailureHistory(1000);
  const add = (who: string, atMs: number) =>
    history.add({
      ...{ who, atMs, code: 'ERR_PROCESS_FAILED' },
      message: `${who} at ${atMs}`,
    });
  for (const [who, atMs] of failures) add(who, atMs);
  return { history, add };
}

const MINUTE_MS = 60_000;

describe('FailureHistory', () => {
  it('has no cause without a failure', () => {
    expect(historyOf().history.cause).toBeUndefined();
  });

  it('takes the earliest of those that followed each other', () => {
    const { history } = historyOf(['b', 0], ['c', 900], ['server', 1800]);
    // 900 ms apart each, though the first is 1800 ms before the last
    expect(history.chain.map(({ who }) => who)).toEqual(['b', 'c', 'server']);
    expect(history.cause?.who).toBe('b');
  });

  it.each([
    [1000, 'b'],
    [1001, 'server'],
  ])('of two that are %d ms apart takes %s', (apartMs, cause) => {
    const { history } = historyOf(['b', 0], ['server', apartMs]);
    expect(history.cause?.who).toBe(cause);
  });

  it('does not take what has mended itself', () => {
    const { history, add } = historyOf(['b', 0]);
    history.works('b');
    add('server', 500);
    expect(history.cause?.who).toBe('server');
  });

  it('takes what was mended and came again, however long it took', () => {
    const { history, add } = historyOf(['b', 0]);
    history.works('b');
    add('b', 10 * MINUTE_MS);
    history.works('b');
    add('b', 20 * MINUTE_MS);
    expect(history.cause?.atMs).toBe(0);
  });

  it('does not take what the same process had more than an hour before', () => {
    const { history, add } = historyOf(['b', 0]);
    history.works('b');
    add('b', 61 * MINUTE_MS);
    expect(history.cause?.atMs).toBe(61 * MINUTE_MS);
  });

  it('does not take the failure of another that works by now', () => {
    const { history, add } = historyOf(['c', 0], ['b', 100]);
    history.works('c');
    add('b', 200);
    expect(history.chain.map(({ message }) => message)).toEqual([
      'b at 100',
      'b at 200',
    ]);
  });
});
