import { describe, expect, it } from 'vitest';
import { BEGIN_MS, logLine, recordOf } from '../report/testing-record.js';
import { incidentsOf } from './log-incidents.js';

/** Steps 1, 2 and 3 are applied after 3, 4 and 5 seconds. */
function incidentsIn(logs: Parameters<typeof logLine>[]) {
  const lines = logs.map((line) => logLine(...line));
  return incidentsOf(recordOf({ logs: lines })).map(
    ({ at, step, kind, subject, text, seconds }) => ({
      ...{ after: (at - BEGIN_MS) / 1000, step, kind, subject, text, seconds },
    }),
  );
}

describe('incidentsOf', () => {
  it('tells of a worker that is killed and works again', () => {
    const joined = { workerId: 'worker-0', backend: 'wasm' };
    const found = incidentsIn([
      [1, 'server', 'worker-joined', joined],
      [2, 'worker-0', 'working'],
      [
        4,
        'muster',
        'process-exited',
        { process: 'worker-0', signal: 'SIGKILL' },
      ],
      [
        4.1,
        'server',
        'worker-away',
        { ...joined, reason: 'gone', releasedTasks: 2 },
      ],
      [5.5, 'server', 'worker-joined', joined],
      [6, 'worker-0', 'working'],
    ]);
    const worker = { subject: 'worker-0' };
    expect(found).toEqual([
      {
        ...{ after: 1, step: 0, kind: 'worker-joined', ...worker },
        ...{ text: 'joined with wasm', seconds: null },
      },
      {
        ...{ after: 4, step: 2, kind: 'worker-lost', ...worker, seconds: null },
        text: 'killed (SIGKILL); 2 of its tasks go to others',
      },
      {
        ...{ after: 6, step: 3, kind: 'worker-back', ...worker },
        ...{ text: 'works again', seconds: 2 },
      },
    ]);
  });

  it('tells of checkpoints, by the step that they are of', () => {
    const written = { step: 1, seconds: 0.25 };
    expect(incidentsIn([[9, 'server', 'checkpoint', written]])).toEqual([
      {
        ...{ after: 9, step: 1, kind: 'checkpoint', subject: 'server-0' },
        ...{ text: 'wrote step 1 in 0.25 s', seconds: null },
      },
    ]);
  });

  it('tells a goodbye from a loss', () => {
    const left = { workerId: 'w', reason: 'left', message: 'the run is over' };
    expect(incidentsIn([[9, 'server', 'worker-away', left]])).toMatchObject([
      { kind: 'worker-left', subject: 'w', text: 'the run is over' },
    ]);
  });

  it('passes over what is not for a time line', () => {
    expect(
      incidentsIn([
        [1, 'server', 'listening'],
        [2, 'x', ''],
      ]),
    ).toEqual([]);
  });
});
