import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { MessageOf, Packet, PushOutcome } from '@muster/protocol';
import { NO_PHASES } from '../testing.js';
import { UnansweredPushes } from './unanswered-pushes.js';

/** Pushes of one leaf, and what was sent: `link type` or `link type/pushId`. */
class Stage {
  readonly said: string[] = [];
  readonly pushes = new UnansweredPushes({
    send: (link, { message }) => {
      const id = 'pushId' in message ? `/${message.pushId}` : '';
      this.said.push(`${link} ${message.type}${id}`);
    },
  });

  push(taskId: number, links: readonly number[]): void {
    const message: MessageOf<'push'> = {
      ...{ type: 'push', pushId: 0, taskId, term: 0, bases: [0] },
      ...{ step: 0, firstLeaf: 0, numLeaves: 1, begin: 0, end: 1 },
      ...{ count: 1, lossSum: 0, correct: 0, phases: NO_PHASES },
      dtype: 'float32',
    };
    const packets = links.map((link): [number, Packet] => [link, { message }]);
    this.pushes.push(taskId, new Map(packets));
  }

  answer(link: number, pushId: number, outcome: PushOutcome): void {
    const refusal = { code: 'ERR_SHAPE_MISMATCH', message: 'no' } as const;
    this.pushes.answered(link, {
      ...{ type: 'push-result', pushId, outcome, version: 0 },
      ...(outcome === 'refused' && refusal),
    });
  }

  take(): string[] {
    return this.said.splice(0);
  }
}

const OUTCOMES: readonly PushOutcome[] = [
  ...(['accepted', 'duplicate', 'overlap', 'stale', 'refused'] as const),
];

/** What the coordinator hears of a push, by what the servers have said. */
function troubleOf(outcomes: readonly PushOutcome[]): string[] {
  if (outcomes.includes('refused')) return ['0 task-failed'];
  const isMissing = outcomes.some(
    (one) => one === 'stale' || one === 'overlap',
  );
  return isMissing ? ['0 task-returned'] : [];
}

describe('UnansweredPushes', () => {
  it('gives one id to what goes to several servers, a new one each time', () => {
    const stage = new Stage();
    stage.push(7, [0, 1]);
    stage.push(8, [0]);
    expect(stage.take()).toEqual([...['0 push/1', '1 push/1', '0 push/2']]);
    expect(stage.pushes.size).toBe(2);
  });

  it('says again what a server has not answered, in its order', () => {
    const stage = new Stage();
    for (const taskId of [7, 8, 9]) stage.push(taskId, [0, 1]);
    stage.answer(1, 2, 'accepted');
    stage.take();
    stage.pushes.sayAgain(1);
    expect(stage.take()).toEqual(['1 push/1', '1 push/3']);
    stage.pushes.sayAgain(2);
    expect(stage.take()).toEqual([]);
  });

  it('is over with the last answer, whatever the order; tells once', () => {
    const sizes = { minLength: 1, maxLength: 4 };
    const answers = fc.array(fc.constantFrom(...OUTCOMES), sizes);
    const law = (outcomes: PushOutcome[], order: number[]) => {
      const stage = new Stage();
      stage.push(7, [...outcomes.keys()]);
      stage.take();
      const links = [...outcomes.keys()].sort(
        (a, b) => (order[a] ?? 0) - (order[b] ?? 0),
      );
      links.forEach((link, answered) => {
        expect([stage.pushes.size, stage.take()]).toEqual([1, []]);
        stage.answer(link, 1, outcomes[link]!);
        // heard already, and of no push
        if (answered < links.length - 1) stage.answer(link, 1, 'refused');
        stage.answer(link, 99, 'refused');
      });
      expect(stage.pushes.size).toBe(0);
      expect(stage.take()).toEqual(troubleOf(outcomes));
    };
    const orders = fc.array(fc.nat(9), { minLength: 4, maxLength: 4 });
    fc.assert(fc.property(answers, orders, law));
  });
});
