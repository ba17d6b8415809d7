import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FeedMessage } from '@muster/dashboard';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { stateOf } from '../report/run-state.js';
import { BEGIN_MS, logLine, recordOf } from '../report/testing-record.js';
import type { Summary } from '../run/summary.js';
import { RecordedFeed } from './recorded-feed.js';

let path = '';
beforeEach(async () => {
  path = await mkdtemp(join(tmpdir(), 'muster-'));
});
afterEach(() => rm(path, { recursive: true }));

const summary = {
  ...{ outcome: 'finished', steps: 3, servers: 2, reproducible: true },
  parametersSha256: 'ab'.repeat(32),
} as Summary;
const answer = { version: 3, probabilities: [0.5, 0.25, 0.25] };

async function feedOf(given: Parameters<typeof recordOf>[0], lines: unknown[]) {
  const texts = lines.map((line) =>
    typeof line === 'string' ? line : JSON.stringify(line),
  );
  await writeFile(join(path, 'metrics.jsonl'), texts.join('\n'));
  const record = recordOf({ ...given, path });
  return new RecordedFeed({
    ...{ record, state: stateOf(record), pictures: undefined },
    classify: () => Promise.resolve(answer),
  });
}

function oneOf<T extends FeedMessage['type']>(feed: RecordedFeed, type: T) {
  return feed
    .history()
    .find((message): message is Extract<FeedMessage, { type: T }> => {
      return message.type === type;
    });
}

const STEP = { loss: 0.5, accuracy: 0.75, learningRate: 0.1, gradientNorm: 1 };
const EPOCH = { trainLoss: 1, trainAccuracy: 0.25, testLoss: 2 };

describe('RecordedFeed', () => {
  it('begins with the run: 24 examples in steps of 8 are 3 steps', async () => {
    const feed = await feedOf({ summary }, []);
    expect(feed.history()[0]).toMatchObject({
      ...{ type: 'run', runId: 'r1', totalSteps: 3, stepsPerEpoch: 3 },
      numServers: 2,
    });
  });

  it('tells the curves of the file, and passes over what is torn', async () => {
    const feed = await feedOf({ summary }, [
      { step: 1, ...STEP, imagesPerSecond: 8, atMs: BEGIN_MS },
      '{"step":2,"lo',
      { step: 3, type: 'epoch', epoch: 1, ...EPOCH, testAccuracy: 0.5 },
    ]);
    expect(oneOf(feed, 'points')).toMatchObject({
      ...{ step: [1], loss: [0.5], accuracy: [0.75], at: [BEGIN_MS] },
    });
    expect(oneOf(feed, 'epoch')).toMatchObject({ epoch: 1, testAccuracy: 0.5 });
  });

  it('ends with the state of the summary', async () => {
    const ended = logLine(9, 'muster', 'run-ended');
    const { logs } = recordOf();
    const feed = await feedOf({ summary, logs: [...logs, ended] }, []);
    expect(feed.history().at(-1)).toMatchObject({
      ...{ type: 'state', phase: 'ended', outcome: 'finished', step: 3 },
      ...{ epoch: 1, imagesPerSecond: 0, reproducible: true },
      at: BEGIN_MS + 9000,
      parametersSha256: summary.parametersSha256,
      // 6 ms of waiting over 6 tasks, 60 of computing
      workers: [
        {
          ...{ workerId: 'worker-0', state: 'gone', contributions: 6 },
          ...{ phasesMs: { wait: 1, compute: 10, push: 0 }, straggling: 1 },
        },
      ],
    });
  });

  it('shows a run without an end as running, without a hash', async () => {
    const feed = await feedOf({}, []);
    expect(oneOf(feed, 'state')).toMatchObject({
      ...{ phase: 'running', outcome: null, step: 3, imagesPerSecond: 8 },
      ...{ parametersSha256: null, workers: [{ state: 'active' }] },
    });
  });

  it('shows a failed run as one, whatever the life before came to', async () => {
    const words = { code: 'ERR_NO_WORKERS', message: 'every worker has ended' };
    const logs = [
      logLine(0, 'muster', 'run-started'),
      logLine(9, 'muster', 'run-failed', words),
    ];
    const feed = await feedOf({ summary, logs }, []);
    expect(oneOf(feed, 'state')).toMatchObject({
      ...{ phase: 'ended', outcome: 'failed', parametersSha256: null },
    });
  });

  it('lets the network answer', async () => {
    const feed = await feedOf({ summary }, []);
    expect(await feed.classify(new Uint8Array(64))).toEqual(answer);
  });
});
