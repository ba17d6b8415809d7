import type { ServerEvent } from '@muster/cluster';
import { describe, expect, it } from 'vitest';
import { PageQuestions } from './page-questions.js';

describe('PageQuestions', () => {
  it('gives each question its own answer, in whatever order', async () => {
    const heard: ServerEvent[] = [];
    const questions = new PageQuestions((event) => heard.push(event));
    const first = questions.ask(Uint8Array.of(1));
    const second = questions.ask(Uint8Array.of(2));
    expect(heard).toEqual([
      { type: 'classify', requestId: 1, image: Uint8Array.of(1) },
      { type: 'classify', requestId: 2, image: Uint8Array.of(2) },
    ]);
    const answer = { version: 9, probabilities: [0.5, 0.5] };
    questions.answered({ type: 'classified', requestId: 2, ...answer });
    expect(await second).toEqual(answer);
    const code = 'ERR_REQUEST_TIMEOUT';
    const late = { requestId: 1, code, message: 'late' } as const;
    questions.answered({ type: 'not-classified', ...late });
    await expect(first).rejects.toMatchObject({ code, message: 'late' });
  });

  it('may be answered before the question is out', async () => {
    const questions: PageQuestions = new PageQuestions((event) => {
      if (event.type !== 'classify') return;
      const { requestId } = event;
      const none = { code: 'ERR_NO_WORKERS', message: 'nobody' } as const;
      questions.answered({ type: 'not-classified', requestId, ...none });
    });
    await expect(questions.ask(new Uint8Array(1))).rejects.toMatchObject({
      code: 'ERR_NO_WORKERS',
    });
  });
});
