import { describe, expect, it } from 'vitest';
import type { LogLine } from './log-lines.js';
import type { MetricsLines, StepLine } from './metrics-lines.js';
import { recoveriesOf } from './recoveries.js';

/** Seconds after the start as a Unix time in milliseconds. */
const at = (seconds: number) => 1_000_000 + seconds * 1000;

function line(
  seconds: number,
  process: string,
  event: string,
  fields: Record<string, unknown> = {},
): LogLine {
  return { atMs: at(seconds), process, event, fields };
}

function steps(...times: number[]): StepLine[] {
  const more = { epoch: 1, loss: 1, accuracy: 0, learningRate: 1 };
  const rates = { gradientNorm: 1, imagesPerSecond: 1, workers: 2 };
  return times.map((seconds, i) => ({
    ...{ step: i + 1, atMs: at(seconds), ...more, ...rates },
  }));
}

function find(
  lines: LogLine[],
  metrics: Partial<MetricsLines> = {},
): ReturnType<typeof recoveriesOf> {
  const sorted = [...lines].sort((a, b) => a.atMs - b.atMs);
  return recoveriesOf(sorted, { steps: [], rewinds: [], ...metrics });
}

const exited = (process: string, signal: string, verdict = 'restart') => ({
  ...{ process, signal, exitCode: null, verdict },
});

describe('recoveriesOf', () => {
  it('times a killed worker until it works again, and its step until it is whole', () => {
    const lines = [
      line(0, 'worker-1', 'process-started'),
      line(2, 'worker-1', 'working'),
      line(10, 'server', 'worker-away', {
        ...{ workerId: 'worker-1', reason: 'lost', releasedTasks: 2 },
      }),
      line(10.01, 'muster', 'process-exited', exited('worker-1', 'SIGKILL')),
      line(10.5, 'worker-1', 'process-started'),
      line(11.5, 'server', 'worker-joined', { workerId: 'worker-1' }),
      line(11.75, 'worker-1', 'working'),
    ];
    // step 3 at 10.25 is the first after the loss
    expect(find(lines, { steps: steps(9, 9.9, 10.25, 11) })).toEqual([
      {
        ...{ process: 'worker-1', kind: 'worker', what: 'killed (SIGKILL)' },
        ...{ atMs: at(10), backMs: at(11.75), seconds: 1.75 },
        ...{ releasedTasks: 2, stallSeconds: 0.25 },
        ...{ stepsRedone: 0, redoneSeconds: undefined },
      },
    ]);
  });

  it('times a killed server until training goes on and lost steps are redone', () => {
    const lines = [
      line(0, 'server', 'process-started'),
      line(20, 'muster', 'process-exited', exited('server', 'SIGKILL')),
      line(20.25, 'server', 'process-started'),
      line(20.5, 'server', 'training-resumed', { version: 2, from: 2 }),
    ];
    const [recovery] = find(lines, {
      // went from step 4 back to 2 and was at step 4 again at 21.5
      steps: steps(18, 19, 21, 21.5, 22),
      rewinds: [{ step: 2, from: 4, atMs: at(20.5) }],
    });
    expect(recovery).toMatchObject({
      ...{ process: 'server', kind: 'server', seconds: 0.5 },
      ...{ stepsRedone: 2, redoneSeconds: 1.5, stallSeconds: 1 },
    });
  });

  it('finds a death that nobody told of by the start after it', () => {
    const lines = [
      line(0, 'server-0', 'process-started'),
      line(1, 'worker-0', 'working'),
      line(20, 'worker-0', 'disconnected', { link: 0 }),
      line(21, 'server-0', 'process-started'),
      line(22, 'server-0', 'training-resumed'),
    ];
    expect(find(lines)).toEqual([
      expect.objectContaining({
        process: 'server-0',
        what: 'killed',
        seconds: 2,
      }),
    ]);
  });

  it('counts no orderly end and no stop of the whole run', () => {
    const left = { workerId: 'worker-0', reason: 'left', releasedTasks: 0 };
    const lines = [
      line(0, 'worker-0', 'process-started'),
      line(0, 'server', 'process-started'),
      line(5, 'server', 'worker-away', left),
      line(5, 'worker-0', 'stopped'),
      line(6, 'muster', 'process-exited', {
        process: 'worker-0',
        exitCode: 0,
        verdict: 'leave',
      }),
      line(
        7,
        'muster',
        'process-exited',
        exited('server', 'SIGKILL', 'expected'),
      ),
      // the next life of the run
      line(100, 'server', 'process-started'),
      line(100, 'worker-0', 'process-started'),
      line(101, 'server', 'training-resumed'),
    ];
    expect(find(lines)).toEqual([]);
  });

  it('tells two kills of one worker apart, and one that did not come back', () => {
    const lines = [
      line(10, 'muster', 'process-exited', exited('worker-0', 'SIGKILL')),
      line(11, 'worker-0', 'working'),
      line(
        12,
        'muster',
        'process-exited',
        exited('worker-0', 'SIGTERM', 'leave'),
      ),
    ];
    expect(find(lines).map(({ what, seconds }) => [what, seconds])).toEqual([
      ['killed (SIGKILL)', 1],
      ['killed (SIGTERM)', undefined],
    ]);
  });

  it('knows a worker without a log of its own by its coordinator', () => {
    const silent = { workerId: 'gpu-7', reason: 'silent', releasedTasks: 1 };
    const lines = [
      line(10, 'server', 'worker-away', silent),
      line(13, 'server', 'worker-back', { workerId: 'gpu-7' }),
    ];
    expect(find(lines)).toEqual([
      expect.objectContaining({ process: 'gpu-7', what: 'silent', seconds: 3 }),
    ]);
  });

  it('blames the standby that led when a shard was lost again', () => {
    const lines = [
      line(10, 'muster', 'process-exited', exited('server-1', 'SIGKILL')),
      line(10.1, 'server-0', 'server-lost', { shard: 1 }),
      line(10.2, 'standby-1', 'took-over', { shard: 1 }),
      line(10.5, 'server-0', 'training-resumed'),
      line(30, 'server-0', 'server-lost', { shard: 1 }),
      line(31, 'server-0', 'training-resumed'),
    ];
    const found = find(lines);
    expect(found.map(({ process, seconds }) => [process, seconds])).toEqual([
      ['server-1', 0.5],
      ['standby-1', 1],
    ]);
  });
});
