import { describe, expect, it } from 'vitest';
import { OwnCores } from './cores.js';
import { EventLoop } from './event-loop.js';
import { Timeline } from './timeline.js';

function create() {
  const timeline = new Timeline();
  const loop = new EventLoop(new OwnCores(timeline));
  const said: string[] = [];
  const say = (word: string) => () =>
    void said.push(`${word} ${timeline.nowMs}`);
  return { timeline, loop, said, say };
}

describe('EventLoop', () => {
  it('does one thing after the other', () => {
    const { timeline, loop, said, say } = create();
    loop.run(2, say('a'));
    loop.run(3, say('b'));
    loop.run(5);
    loop.run(1, say('c'));
    timeline.run();
    expect(said).toEqual(['a 2', 'b 5', 'c 11']);
    expect(loop.busyMs).toBe(11);
  });

  it('does what a piece asks for before what has been waiting', () => {
    const { timeline, loop, said, say } = create();
    loop.run(1, () => {
      loop.run(1, say('first asked'));
      loop.run(1, () => {
        say('second asked')();
        loop.run(1, say('asked by it'));
      });
      loop.run(1, say('third asked'));
    });
    loop.run(1, say('waiting'));
    timeline.run();
    const order = ['first asked 2', 'second asked 3', 'asked by it 4'];
    expect(said).toEqual([...order, 'third asked 5', 'waiting 6']);
  });

  it('begins again after it has been idle', () => {
    const { timeline, loop, said, say } = create();
    loop.run(1, say('a'));
    timeline.at(10, () => loop.run(1, say('b')));
    timeline.run();
    expect(said).toEqual(['a 1', 'b 11']);
  });
});
