/**
 * The four answers at the top.
 */
import { holdUp, learning, losses, pace } from './answers.js';
import type { Answer } from './answers.js';
import { byId, setAttribute, setText } from './dom.js';
import type { News, View } from './painter.js';
import type { RunModel } from './run-model.js';

/** See the head of this file. */
export class AnswersView implements View {
  readonly shows: readonly News[] = [
    ...(['state', 'points', 'rollback', 'epoch', 'incident'] as const),
  ];

  paint(model: RunModel): void {
    show('answer-learning', learning(model));
    show('answer-pace', pace(model));
    show('answer-hold-up', holdUp(model));
    show('answer-losses', losses(model));
  }
}

function show(id: string, { value, text, tone }: Answer): void {
  const card = byId(id, HTMLElement);
  setAttribute(card, 'data-tone', tone);
  const [big, small] = card.querySelectorAll('p');
  if (big) setText(big, value);
  if (small) setText(small, text);
}
