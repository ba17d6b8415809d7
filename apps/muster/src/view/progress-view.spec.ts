import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EpochEvent, ProgressEvent } from './events.js';
import { progressLine } from './progress-line.js';
import { ProgressView } from './progress-view.js';
import { StepRate } from './step-rate.js';

const event: ProgressEvent = {
  step: 312,
  totalSteps: 1175,
  epoch: 2,
  epochs: 5,
  loss: 0.12341,
  accuracy: 0.96776,
  imagesPerSecond: 7812.4,
  workers: 2,
};

const epoch: EpochEvent = {
  epoch: 1,
  trainLoss: 0.31234,
  trainAccuracy: 0.9087,
  testLoss: 0.08,
  testAccuracy: 0.9751,
  seconds: 12.34,
};

const EPOCH_LINE =
  'epoch 1 done  train loss 0.3123 accuracy 90.87 %  test loss 0.0800 accuracy 97.51 %  12.3 s';

/** A view with a clock to turn and everything that it wrote. */
function open(terminal: { isTTY?: boolean; columns?: number }) {
  const written: string[] = [];
  const clock = { nowMs: 0 };
  const output = { ...terminal, write: (text: string) => written.push(text) };
  return { view: new ProgressView(output, () => clock.nowMs), written, clock };
}

describe('progressLine', () => {
  const at = (width: number) => progressLine(event, 41.2, width);

  it('shows everything where there is room: 312/1175 of 20 is 5', () => {
    expect(at(200)).toBe(
      '[#####...............]  epoch 2/5  step 312/1175  loss 0.1234  accuracy 96.78 %  7,812 images/s  2 workers  ETA 0:42',
    );
  });

  it.each([
    'epoch 2/5  step 312/1175  loss 0.1234  accuracy 96.78 %  7,812 images/s  2 workers  ETA 0:42',
    'ep 2/5  312/1175  loss 0.1234  acc 96.78 %  7,812 img/s  2 workers  ETA 0:42',
    'ep 2/5  loss 0.1234  acc 96.78 %  7,812 img/s  2 workers  ETA 0:42',
    'ep 2/5  loss 0.1234  acc 96.78 %  7,812 img/s  ETA 0:42',
    'ep 2/5  loss 0.1234  acc 96.78 %  ETA 0:42',
    'ep 2/5  loss 0.1234  ETA 0:42',
    'ep 2/5  loss 0.1234',
    'ep 2/5',
    'ep 2/',
    '',
  ])('leaves out what matters least: %s', (line) => {
    expect(at(line.length)).toBe(line);
  });

  it('keeps all figures in a terminal of 80 columns', () => {
    expect(
      at(79).match(/2\/5|312\/1175|loss|acc|img|worker|ETA/g),
    ).toHaveLength(7);
  });

  it('never is wider than it may be', () => {
    const numbers = fc.double({ noInteger: false });
    const events = fc.record({
      step: fc.nat(),
      totalSteps: fc.nat(),
      epoch: fc.nat(),
      epochs: fc.nat(),
      loss: numbers,
      accuracy: numbers,
      imagesPerSecond: numbers,
      workers: fc.nat(),
    });
    fc.assert(
      fc.property(events, numbers, fc.nat(200), (any, left, width) => {
        expect(progressLine(any, left, width).length).toBeLessThanOrEqual(
          width,
        );
      }),
    );
  });
});

describe('StepRate', () => {
  it('cannot tell before there are steps and half a second', () => {
    const rate = new StepRate();
    expect(rate.secondsUntil(100)).toBeUndefined();
    rate.add(0, 0);
    rate.add(10, 499);
    expect(rate.secondsUntil(100)).toBeUndefined();
    rate.add(10, 500);
    // 10 steps in 0.5 s: 90 more take 4.5 s.
    expect(rate.secondsUntil(100)).toBe(4.5);
  });

  it('counts from where a resumed run begins', () => {
    const rate = new StepRate();
    rate.add(900, 0);
    rate.add(910, 1000);
    expect(rate.secondsUntil(1000)).toBe(9);
  });

  it('forgets what is more than 20 s old', () => {
    const rate = new StepRate();
    for (let second = 0; second <= 100; second++)
      rate.add(second, second * 1e3);
    for (let second = 1; second <= 20; second++) {
      rate.add(100 + 10 * second, 100_000 + second * 1e3);
    }
    // Of the last 20 s alone: 10 steps a second, 100 to go.
    expect(rate.secondsUntil(400)).toBe(10);
  });
});

describe('ProgressView on a terminal', () => {
  it('rewrites one line, in one write each', () => {
    const { view, written, clock } = open({ isTTY: true, columns: 43 });
    view.update(event);
    clock.nowMs = 1000;
    view.update({ ...event, step: 412 });
    // 100 steps in 1 s: 763 more take 7.63 s.
    expect(written).toEqual([
      '\rep 2/5  loss 0.1234  acc 96.78 %  ETA -:--\u001b[K',
      '\rep 2/5  loss 0.1234  acc 96.78 %  ETA 0:08\u001b[K',
    ]);
  });

  it('draws ten times a second at most', () => {
    const { view, written, clock } = open({ isTTY: true, columns: 80 });
    for (clock.nowMs = 0; clock.nowMs < 1000; clock.nowMs += 20) {
      view.update(event);
    }
    expect(written).toHaveLength(10);
  });

  it('follows the width of the window, and leaves the last column free', () => {
    const { view, written } = open({ isTTY: true, columns: 5 });
    view.update(event);
    expect(written).toEqual(['\rep 2\u001b[K']);
  });

  it('keeps what an epoch came to above the line', () => {
    const { view, written } = open({ isTTY: true, columns: 12 });
    view.update(event);
    view.epochDone(epoch);
    expect(written).toEqual([
      '\rep 2/5\u001b[K',
      `\r${EPOCH_LINE.replace('epoch 1', 'epoch 1/5')}\u001b[K\n\rep 2/5\u001b[K`,
    ]);
  });

  it('writes a note as it is while there is no line', () => {
    const { view, written } = open({ isTTY: true });
    view.note('waiting for workers');
    expect(written).toEqual(['waiting for workers\n']);
  });

  it('does not obey what a peer wrote', () => {
    const { view, written } = open({ isTTY: true });
    view.note('worker \u001b[2J lost');
    expect(written).toEqual(['worker ?[2J lost\n']);
  });

  it('takes the line away at the end, once, and is silent then', () => {
    const { view, written } = open({ isTTY: true, columns: 12 });
    view.update(event);
    view.close();
    view.close();
    view.update(event);
    view.note('late');
    view.epochDone(epoch);
    expect(written).toEqual(['\rep 2/5\u001b[K', '\r\u001b[K']);
  });

  it('writes nothing at the end where nothing was drawn', () => {
    const { view, written } = open({ isTTY: true });
    view.close();
    expect(written).toEqual([]);
  });
});

describe('ProgressView elsewhere', () => {
  it('writes a plain line every five seconds', () => {
    const { view, written, clock } = open({});
    for (clock.nowMs = 0; clock.nowMs <= 5000; clock.nowMs += 1000) {
      view.update({ ...event, step: clock.nowMs / 10 });
    }
    // 100 steps a second from step 0; at step 500, 675 are left.
    expect(written).toEqual([
      'epoch 2/5  step 0/1175  loss 0.1234  accuracy 96.78 %  7,812 images/s  2 workers  ETA -:--\n',
      'epoch 2/5  step 500/1175  loss 0.1234  accuracy 96.78 %  7,812 images/s  2 workers  ETA 0:07\n',
    ]);
  });

  it('writes every epoch and note, and nothing to rewrite', () => {
    const { view, written } = open({ isTTY: false, columns: 12 });
    view.epochDone(epoch);
    view.note('checkpoint failed');
    view.close();
    expect(written).toEqual([`${EPOCH_LINE}\n`, 'checkpoint failed\n']);
  });
});
