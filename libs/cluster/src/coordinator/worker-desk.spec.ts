import type { TestMistake } from '@muster/data';
import type { EvaluateTask } from '@muster/protocol';
import { describe, expect, it } from 'vitest';
import { encodeMistakes } from '../formats/mistake-format.js';
import { ScriptedServer } from '../testing.js';

/** Two workers, one chunk of the 600 test examples of version 2 for each. */
function evaluating(): ScriptedServer {
  const server = new ScriptedServer().restored(0).join(1).join(2);
  for (const step of [0, 1]) server.push(1, step, 0).push(1, step, 1);
  return server;
}

/** The chunks that a worker was given since they were taken. */
function chunksOf(server: ScriptedServer, connection: number): EvaluateTask[] {
  return server
    .sent(connection, 'assign')
    .flatMap(({ task }) => (task.kind === 'evaluate' ? [task] : []));
}

function evaluate(
  server: ScriptedServer,
  connection: number,
  { taskId, version, begin, end }: EvaluateTask,
  mistakes: readonly TestMistake[] = [],
): void {
  const { mistakes: named, payload } = encodeMistakes(mistakes);
  const range = { begin, end, count: end - begin };
  server.hear(
    connection,
    {
      ...{ type: 'evaluated', pushId: 900 + begin, taskId, version, ...range },
      ...{ correct: 7, lossSum: 3, mistakes: named },
    },
    payload,
  );
}

/** The run's images are one pixel, of two classes. */
function mistake(index: number, sureness: number): TestMistake {
  const probabilities = [1 - sureness, sureness];
  const image = Uint8Array.of(index % 256);
  return { index, label: 0, answer: 1, probabilities, image };
}

const evaluations = ({ reports }: ScriptedServer) =>
  reports.filter((report) => report.type === 'evaluated');

describe('an evaluation', () => {
  it('reports the surest mistakes of all its chunks', () => {
    const server = evaluating();
    const [first] = chunksOf(server, 1);
    const [second] = chunksOf(server, 2);
    evaluate(server, 2, second!, [mistake(599, 0.75), mistake(500, 0.5)]);
    expect(evaluations(server)).toEqual([]);
    evaluate(server, 1, first!, [mistake(3, 0.5), mistake(2, 0.75)]);
    expect(evaluations(server)).toMatchObject([
      {
        result: { version: 2, testCorrect: 14, testCount: 600 },
        // equally sure ones by their place
        mistakes: [
          mistake(2, 0.75),
          mistake(599, 0.75),
          mistake(3, 0.5),
          mistake(500, 0.5),
        ],
      },
    ]);
    // they are pictures: nothing of them goes into the account
    expect(JSON.stringify(server.machine.ledger)).not.toContain('mistakes');
  });

  it('with mistakes that cannot be goes to somebody else, uncounted', () => {
    const server = evaluating();
    const [chunk] = chunksOf(server, 1);
    const [other] = chunksOf(server, 2);
    server.take();
    evaluate(server, 1, chunk!, [mistake(599, 0.75)]);
    const [refusal] = server.sent(1, 'push-result');
    expect(refusal).toMatchObject({
      ...{ outcome: 'refused', code: 'ERR_MALFORMED_MESSAGE' },
      message:
        'the evaluation of test examples 0 to 499 was refused for its mistakes: example 599 is not in there',
    });
    // as a worker does that was refused
    const { taskId } = chunk!;
    const { code = 'ERR_INTERNAL', message = '' } = refusal!;
    server.hear(1, { type: 'task-failed', taskId, code, message });
    evaluate(server, 2, other!);
    for (const step of [2, 3]) server.push(2, step, 0).push(2, step, 1);
    expect(chunksOf(server, 1)).toEqual([]);
    const [again] = chunksOf(server, 2);
    expect(again).toMatchObject({ begin: 0, end: 500, version: 2 });
    expect(evaluations(server)).toEqual([]);
    evaluate(server, 2, again!, [mistake(1, 0.5)]);
    expect(evaluations(server)).toMatchObject([
      { result: { testCorrect: 14 }, mistakes: [mistake(1, 0.5)] },
    ]);
    expect(server.reports).toContainEqual({
      ...{ type: 'task-failed', workerId: 'w1', code, message },
    });
  });
});
