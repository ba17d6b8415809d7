import { createHash } from 'node:crypto';
import type { RunReport, ServerMachine } from '@muster/cluster';
import type { FeedMessage } from '@muster/dashboard';
import type { RunDefinition } from '@muster/protocol';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { RunFeed } from './run-feed.js';

/** One 2x2 filter over grey pictures, and nothing else. */
const LAYOUT = [{ name: 'kernel', shape: [2, 2, 1, 1], offset: 0 }];
const PARAMETERS = Float32Array.of(1, 2, 3, 4);

/** 8 examples in steps of 4: two steps an epoch, two epochs. */
const RUN: RunDefinition = {
  ...{ protocol: 2, runId: 'r', seed: 1, epochs: 2, wire: 'float32' },
  ...{ globalBatchSize: 4, microBatches: 2 },
  consistency: { name: 'sync' },
  optimizer: { name: 'sgd' },
  schedule: { name: 'constant', learningRate: 0.5 },
  dataset: {
    ...{ name: 'digits', fingerprint: 'd'.repeat(64), numTrain: 8, numTest: 2 },
    ...{ rows: 4, columns: 4, channels: 1, numClasses: 3 },
  },
  model: {
    topology: { config: { name: 'small' } },
    ...{ layout: LAYOUT, fingerprint: 'f'.repeat(64), numParameters: 4 },
  },
};

/** What a feed reads off a brain, to be set as a test likes. */
class ScriptedBrain {
  shard = { version: 0, parameters: PARAMETERS };
  ledger = { examplesApplied: 0, reproducible: true };
  coordinator = {
    end: undefined as { outcome: string } | undefined,
    paces: new Map<string, number>(),
    overview: {
      phase: 'running',
      members: [
        { workerId: 'w', incarnation: 1, backend: 'wasm', state: 'active' },
      ],
      leaves: [
        { step: 0, leaf: 0, state: 'summed', holder: undefined },
        { step: 0, leaf: 1, state: 'leased', holder: 'w' },
      ].map((leaf) => ({ ...leaf, hasBackup: false })),
    },
  };
}

let brain: ScriptedBrain;
let feed: RunFeed;
beforeEach(() => {
  vi.useFakeTimers();
  brain = new ScriptedBrain();
  feed = feedOf(1);
});
afterEach(() => {
  feed.close();
  vi.useRealTimers();
});

function feedOf(numServers: number): RunFeed {
  const machine = brain as unknown as ServerMachine;
  const ask = () => Promise.reject(new Error('nobody is asked'));
  return new RunFeed({ ...{ run: RUN, machine, numServers, ask }, shard: 0 });
}

function applied(
  version: number,
): Extract<RunReport, { type: 'step-applied' }> {
  brain.shard.version = version;
  brain.ledger.examplesApplied = 4 * version;
  const sums = { count: 4, lossSum: 2, correct: 3, learningRate: 0.5 };
  const report = { type: 'step-applied', version, gradientNorm: 1 } as const;
  return { ...report, applied: { step: version - 1, ...sums } as never };
}

function pushed(firstLeaf: number): RunReport {
  return {
    ...{ type: 'pushed', workerId: 'w', outcome: 'accepted', step: 0 },
    ...{ firstLeaf, numLeaves: 1, count: 2, staleness: 0, isBackup: false },
    phases: { wait: 1, data: 1, compute: 1, encode: 1, push: 1, pull: 1 },
    message: undefined,
  };
}

/** An epoch is evaluated: one mistake, of an image of three pixels. */
function evaluated(epoch: number, version: number): RunReport {
  const mistake = {
    ...{ index: 1, label: 2, answer: 0, probabilities: [0.5, 0.25, 0.25] },
    image: Uint8Array.of(0, 0, 255),
  };
  const train = { trainLoss: 1, trainAccuracy: 0.25, trainMs: 9 };
  const test = { testLoss: 2, testAccuracy: 0.5, testCorrect: 1, testCount: 2 };
  const result = { epoch, version, ...train, ...test };
  return { type: 'evaluated', result, mistakes: [mistake] };
}

function resumed(version: number, from: number): RunReport {
  return { type: 'training-resumed', version, from, seconds: 2 };
}

function oneOf<T extends FeedMessage['type']>(type: T) {
  return feed
    .history()
    .findLast((message): message is Extract<FeedMessage, { type: T }> => {
      return message.type === type;
    });
}

describe('RunFeed', () => {
  it('begins with the run, and ends with where it stands', () => {
    const [first, ...rest] = feed.history();
    const steps = { totalSteps: 4, stepsPerEpoch: 2 };
    expect(first).toMatchObject({ type: 'run', network: 'small', ...steps });
    expect(rest.at(-1)).toMatchObject({
      ...{ type: 'state', phase: 'running', step: 0, epoch: 1, outcome: null },
      ...{ etaSeconds: null, parametersSha256: null },
    });
  });

  it('tells steps as means over their examples', () => {
    feed.report(applied(1));
    expect(oneOf('points')).toMatchObject({
      // 2 / 4, and 3 / 4
      ...{ step: [1], loss: [0.5], accuracy: [0.75], learningRate: [0.5] },
    });
  });

  it('takes back what is done again', () => {
    for (const version of [1, 2, 3]) feed.report(applied(version));
    brain.shard.version = 1;
    feed.report(resumed(1, 3));
    feed.report(applied(2));
    expect(oneOf('points')?.step).toEqual([1, 2]);
    expect(oneOf('incident')).toMatchObject({
      ...{ kind: 'server-back', seconds: 2 },
    });
  });

  it('names who holds a leaf, and whose sum of one counted', () => {
    feed.report(pushed(0));
    expect(oneOf('state')?.leaves).toEqual([
      { state: 'summed', workerId: 'w', hasBackup: false },
      { state: 'leased', workerId: 'w', hasBackup: false },
    ]);
    expect(oneOf('state')?.workers).toMatchObject([
      { workerId: 'w', state: 'active', contributions: 1 },
    ]);
  });

  it('shows filters and mistakes of the last evaluation', () => {
    for (const version of [1, 2]) feed.report(applied(version));
    expect(oneOf('pictures')).toBeUndefined();
    feed.report(evaluated(1, 2));
    expect(oneOf('epoch')).toMatchObject({ version: 2, testAccuracy: 0.5 });
    const pictures = oneOf('pictures');
    expect(pictures).toEqual({
      ...{ type: 'pictures', version: 2 },
      filters: { rows: 2, columns: 2, count: 1, values: [1, 2, 3, 4] },
      mistakes: [
        {
          ...{ index: 1, label: 2, answer: 0 },
          ...{ probabilities: [0.5, 0.25, 0.25], image: 'AAD/' },
        },
      ],
    });
  });

  it('keeps them over a rollback, until the next evaluation', () => {
    feed.report(resumed(0, 0));
    expect(oneOf('pictures')).toMatchObject({ version: 0, mistakes: [] });
    for (const version of [1, 2]) feed.report(applied(version));
    feed.report(evaluated(1, 2));
    brain.shard.version = 1;
    feed.report(resumed(1, 2));
    expect(oneOf('epoch')).toBeUndefined();
    expect(oneOf('pictures')).toMatchObject({ version: 2 });
    for (const version of [2, 3, 4]) feed.report(applied(version));
    feed.report(evaluated(2, 4));
    expect(oneOf('pictures')).toMatchObject({ version: 4 });
  });

  it('tells the SHA-256 of the parameters once the run has finished', () => {
    brain.coordinator.end = { outcome: 'finished' };
    brain.coordinator.overview.phase = 'ended';
    feed.ended();
    const bytes = Buffer.alloc(16);
    [1, 2, 3, 4].forEach((value, i) => bytes.writeFloatLE(value, 4 * i));
    expect(oneOf('state')).toMatchObject({
      ...{ phase: 'ended', outcome: 'finished', imagesPerSecond: 0 },
      parametersSha256: createHash('sha256').update(bytes).digest('hex'),
    });
  });

  it('tells no SHA-256 of a part, but once the whole is known', () => {
    feed = feedOf(2);
    brain.coordinator.end = { outcome: 'finished' };
    feed.ended();
    expect(oneOf('state')?.parametersSha256).toBeNull();
    const whole = Float32Array.of(1, 2, 3, 4, 5);
    feed.tellParameters(whole);
    const sha256 = createHash('sha256').update(Buffer.from(whole.buffer));
    expect(oneOf('state')?.parametersSha256).toBe(sha256.digest('hex'));
  });

  it('tells by itself while somebody listens, and not after', () => {
    const heard: string[] = [];
    const unsubscribe = feed.subscribe(({ type }) => void heard.push(type));
    feed.report(applied(1));
    expect(heard).toEqual([]);
    vi.advanceTimersByTime(500);
    expect(heard).toEqual(['points', 'state']);
    // nothing has changed
    vi.advanceTimersByTime(5000);
    expect(heard).toEqual(['points', 'state']);
    unsubscribe();
    expect(vi.getTimerCount()).toBe(0);
  });
});
