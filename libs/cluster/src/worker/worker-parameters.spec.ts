import { describe, expect, it } from 'vitest';
import { begun, sent, WorkerStage } from '../testing-worker.js';

describe('several tasks', () => {
  it('are begun as their parameters come, not as they were given', () => {
    const stage = new WorkerStage();
    stage.slices(5);
    // version 3 has to be pulled, 5 is here: what waits keeps nobody
    expect(sent(stage.evaluate(1, 3))).toEqual(['0 pull', '1 pull']);
    expect(begun(stage.gradient(2, 5))).toEqual([2]);
    expect(begun(stage.slices(3))).toEqual([]);
    const next = stage.computed(2);
    expect(next.at(-1)).toMatchObject({
      // begun under an id that was not there before: 3 comes after 2
      ...{ task: { taskId: 3 }, parameters: Float32Array.of(3, 3, 3) },
    });
  });

  it('keep what they wait for, and nothing that is not waited for', () => {
    const stage = new WorkerStage();
    stage.slices(9);
    stage.evaluate(1, 3);
    stage.slice(0, 3);
    stage.evaluate(2, 4);
    stage.slice(1, 3);
    // version 3 is asked for again, as nothing was kept of it
    expect(sent(stage.evaluate(3, 3))).toEqual(['0 pull', '1 pull']);
    expect(begun(stage.slices(3))).toEqual([3]);
  });

  it('each ask for what they miss', () => {
    const stage = new WorkerStage();
    stage.slices(5);
    stage.evaluate(1, 3);
    const versions = stage
      .gradient(2, 4)
      .map((effect) =>
        effect.type === 'send' && effect.packet.message.type === 'pull'
          ? effect.packet.message.version
          : undefined,
      );
    expect(versions).toEqual([3, 3, 4, 4]);
    stage.slices(4);
    stage.computed(2);
    // task 1, begun under an id that was not there before: 3 comes after 2
    expect(begun(stage.slices(3))).toEqual([3]);
  });
});

describe('asking for parameters', () => {
  it('does not, at first, where newer ones are on their way by themselves', () => {
    const stage = new WorkerStage();
    stage.slices(4);
    expect(stage.gradient(1, 5)).toEqual([]);
    expect(stage.slice(0, 5)).toEqual([]);
    expect(begun(stage.slice(1, 5))).toEqual([1]);
  });

  it('does after 500 ms, and every 500 ms from then on', () => {
    const stage = new WorkerStage();
    stage.slices(4);
    stage.gradient(1, 5);
    stage.slice(1, 5);
    const asked = [500, 501, 1000, 1001].map((nowMs) =>
      sent(stage.tick(nowMs)),
    );
    expect(asked).toEqual([[], ['0 pull'], [], ['0 pull']]);
    stage.slice(0, 5);
    expect(sent(stage.tick(9000))).toEqual([]);
  });

  it('does at once where a slice is ahead of what is wanted', () => {
    const stage = new WorkerStage();
    stage.slices(5);
    expect(sent(stage.gradient(1, 4))).toEqual(['0 pull', '1 pull']);
    stage.slice(0, 4);
    expect(begun(stage.slice(1, 4))).toEqual([1]);
  });

  it('does at once for a task that takes the place of one that waited', () => {
    const stage = new WorkerStage();
    stage.slices(5);
    expect(stage.gradient(1, 6)).toEqual([]);
    expect(sent(stage.gradient(2, 4))).toEqual(['0 pull', '1 pull']);
  });

  it('does again on a link that was away', () => {
    const stage = new WorkerStage();
    stage.slices(5);
    stage.gradient(1, 4);
    expect(sent(stage.reconnect(1))).toContain('1 pull');
  });

  it('takes newer ones on arrival, and says which each slice was', () => {
    const stage = new WorkerStage(true);
    stage.slices(4);
    stage.slice(0, 6);
    const [compute] = stage.gradient(1, 4, { step: 1 });
    expect(compute).toMatchObject({ parameters: Float32Array.of(6, 6, 4) });
    expect(stage.computed(1)).toMatchObject([
      { packet: { message: { bases: [6, 4] } } },
      { packet: { message: { bases: [6, 4] } } },
    ]);
  });

  it('asks on arrival for at least a version where it has an older one', () => {
    const stage = new WorkerStage(true);
    stage.slices(4);
    stage.slice(0, 5);
    const effects = stage.gradient(1, 5);
    expect(effects).toMatchObject([
      { link: 1, packet: { message: { type: 'pull', atLeast: 5 } } },
    ]);
    expect(begun(stage.slice(1, 7))).toEqual([1]);
  });

  it('asks on arrival for the rest of a newer term', () => {
    const stage = new WorkerStage(true);
    stage.slices(4, 1);
    stage.slice(1, 2, 2);
    // server 1 went back to version 2 and began a new term
    expect(stage.gradient(1, 2)).toMatchObject([
      { link: 0, packet: { message: { type: 'pull', atLeast: 2 } } },
    ]);
  });
});
