import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { FeedMessage } from '../feed.js';
import {
  SCRIPTED_FACTS,
  scriptedEpoch,
  scriptedIncidents,
  scriptedState,
} from '../testing.js';
import { readMetrics } from './read-metrics.js';
import { RunRecord } from './run-record.js';

const point = (step: number) => ({
  ...{ step, loss: 1, accuracy: 0.5, imagesPerSecond: 100 },
  ...{ learningRate: 0.004, gradientNorm: 2, at: step },
});

describe('RunRecord', () => {
  it('gives everything in the order of a stream', () => {
    const record = new RunRecord(SCRIPTED_FACTS);
    record.setState(scriptedState(1));
    record.addPoint(point(1));
    record.addEpoch(scriptedEpoch(1));
    for (const incident of scriptedIncidents(400)) record.addIncident(incident);
    const types = record.history().map(({ type }) => type);
    const numIncidents = scriptedIncidents(400).length;
    expect(types).toEqual([
      ...['run', 'points', 'epoch'],
      ...Array<string>(numIncidents).fill('incident'),
      'state',
    ]);
    const incidents = record
      .history()
      .filter(({ type }) => type === 'incident');
    expect(incidents).toEqual(scriptedIncidents(400));
  });

  it('says nothing twice to who listens', () => {
    const record = new RunRecord(SCRIPTED_FACTS);
    const heard: FeedMessage[] = [];
    record.addPoint(point(1));
    const unsubscribe = record.subscribe((message) => heard.push(message));
    record.history();
    record.flushPoints();
    record.setState(scriptedState(1));
    record.setState({ ...scriptedState(1), at: 7 });
    expect(heard.map(({ type }) => type)).toEqual(['points', 'state']);
    unsubscribe();
    record.setState(scriptedState(2));
    expect(heard.length).toBe(2);
    expect(record.hasListeners).toBe(false);
  });

  it('forgets epochs that are done again, and says so at once', () => {
    const record = new RunRecord(SCRIPTED_FACTS);
    const heard: FeedMessage[] = [];
    record.addEpoch(scriptedEpoch(1));
    record.addEpoch(scriptedEpoch(2));
    record.subscribe((message) => heard.push(message));
    record.rewind(scriptedEpoch(1).version);
    const { version } = scriptedEpoch(1);
    expect(heard).toEqual([{ type: 'rollback', step: version }]);
    expect(record.history()).toEqual([SCRIPTED_FACTS, scriptedEpoch(1)]);
  });

  it('keeps a few hundred incidents; checkpoints push nothing else out', () => {
    const record = new RunRecord(SCRIPTED_FACTS);
    const [lost] = scriptedIncidents(200).filter(
      ({ kind }) => kind === 'worker-lost',
    );
    record.addIncident(lost!);
    for (let at = 0; at < 1000; at++) {
      record.addIncident({ ...lost!, kind: 'checkpoint', at });
    }
    expect(record.history()).toContain(lost);
    for (let at = 0; at < 1000; at++) record.addIncident({ ...lost!, at });
    expect(record.history().length).toBe(1 + 100 + 400);
  });
});

describe('readMetrics', () => {
  it('enters steps and epochs, and passes over everything else', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'muster-metrics-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const path = join(folder, 'metrics.jsonl');
    const { type, version, ...figures } = scriptedEpoch(1);
    const lines = [
      { ...point(2), at: undefined, atMs: 2, workers: 2 },
      { ...point(1), at: undefined, atMs: 1, workers: 2 },
      { step: 1, type: 'phases', workers: {} },
      { step: version, type, ...figures, trainMs: 7 },
    ].map((line) => JSON.stringify(line));
    await writeFile(path, [...lines, '{"step":2,"lo'].join('\n'));
    const record = new RunRecord(SCRIPTED_FACTS);
    readMetrics(path, record);
    expect(record.history()).toMatchObject([
      SCRIPTED_FACTS,
      { type: 'points', step: [1, 2], loss: [1, 1], at: [1, 2] },
      scriptedEpoch(1),
    ]);
    readMetrics(join(folder, 'nothing'), record);
  });
});
