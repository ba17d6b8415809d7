/**
 * What a run leaves behind: the files of its folder, each with what it
 * promises.
 */
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { loadDataset } from '@muster/data';
import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { failOnLeftovers } from './muster-process.js';
import type { RunFiles, Summary } from './run-files.js';
import {
  NUM_TEST,
  NUM_TRAIN,
  STEPS_PER_EPOCH,
  Workbench,
} from './workbench.js';

failOnLeftovers();

let bench: Workbench;
let files: RunFiles;
let printed: Summary;

beforeAll(async () => {
  bench = await Workbench.create();
  // So slow that part of the test set is still classified wrong.
  const flags = ['--learning-rate', '0.0002', '--seed', '7'];
  await using run = bench.train({ epochs: 1, workers: 2, flags });
  printed = await run.summary();
  files = await run.files();
}, 60_000);
afterAll(() => bench[Symbol.asyncDispose]());

/** Weights and topology as `saveLayersModel` of tfjs lays them out. */
async function loadModel(folder: string): Promise<tf.LayersModel> {
  const text = await readFile(join(folder, 'model.json'), 'utf8');
  const { modelTopology, weightsManifest } = JSON.parse(text) as {
    modelTopology: object;
    weightsManifest: {
      paths: string[];
      weights: tf.io.WeightsManifestEntry[];
    }[];
  };
  const paths = weightsManifest.flatMap((group) => group.paths);
  const parts = await Promise.all(
    paths.map((path) => readFile(join(folder, path))),
  );
  return tf.loadLayersModel(
    tf.io.fromMemory({
      modelTopology,
      weightSpecs: weightsManifest.flatMap(({ weights }) => weights),
      weightData: new Uint8Array(Buffer.concat(parts)).buffer,
    }),
  );
}

/** Test pictures that a model classifies right. */
async function countCorrect(model: tf.LayersModel): Promise<number> {
  const { test, rows, columns } = await loadDataset(bench.data);
  return tf.tidy(() => {
    const values = Float32Array.from(test.images);
    const pixels = tf.tensor4d(values, [test.count, rows, columns, 1]);
    const probabilities = model.predict(pixels.div(255)) as tf.Tensor2D;
    const classes = probabilities.argMax(1).dataSync();
    return test.labels.filter((label, i) => label === classes[i]).length;
  });
}

describe('the folder of a finished run', () => {
  it('holds these files and no other', async () => {
    expect((await readdir(files.path)).sort()).toEqual([
      'checkpoints',
      'config.yaml',
      'logs',
      'metrics.jsonl',
      'model',
      'run.json',
      'summary.json',
      'token',
    ]);
  });

  it('has the summary that was printed', async () => {
    expect(await files.summary()).toEqual(printed);
    expect(printed).toMatchObject({
      outcome: 'finished',
      reproducible: true,
      steps: STEPS_PER_EPOCH,
      epochs: 1,
      examplesApplied: NUM_TRAIN,
      workers: 2,
      servers: 1,
      consistency: 'sync',
      seed: 7,
      backend: 'wasm',
    });
    expect(printed.runId).toBe(files.path.split('/').at(-1));
    expect(printed.parametersSha256).toMatch(/^[0-9a-f]{64}$/);
    expect(printed.numerics).toMatch(/^[0-9a-f]{64}$/);
    expect(printed.testLoss).toBeGreaterThan(0);
    expect(printed.trainSeconds).toBeGreaterThan(0);
    // Both are rounded to a thousandth.
    const { imagesPerSecond, trainSeconds } = printed;
    expect((imagesPerSecond * trainSeconds) / NUM_TRAIN).toBeCloseTo(1, 2);
  });

  it('has a line a step and two an epoch in metrics.jsonl', async () => {
    const lines = await files.metrics();
    expect(lines).toHaveLength(STEPS_PER_EPOCH + 2);
    for (const line of lines.slice(0, -2)) {
      expect(line).toEqual({
        step: expect.any(Number) as number,
        atMs: expect.any(Number) as number,
        epoch: 1,
        loss: expect.any(Number) as number,
        accuracy: expect.any(Number) as number,
        learningRate: expect.any(Number) as number,
        gradientNorm: expect.any(Number) as number,
        imagesPerSecond: expect.any(Number) as number,
        workers: expect.any(Number) as number,
      });
    }
    const { workers } = lines.at(-2) as { workers: Record<string, unknown> };
    expect(lines.at(-2)).toMatchObject({ type: 'phases' });
    const examples = Object.values(workers).map((one) => {
      return (one as { examples: number }).examples;
    });
    expect(examples.reduce((a, b) => a + b)).toBe(NUM_TRAIN);
    const { testAccuracy, testLoss } = printed;
    const { trainLoss, trainAccuracy } = printed.history[0]!;
    expect(lines.at(-1)).toMatchObject({
      ...{ type: 'epoch', step: STEPS_PER_EPOCH, epoch: 1 },
      ...{ testAccuracy, testLoss, trainLoss, trainAccuracy },
    });
  });

  it('has a model that tf.loadLayersModel reads and that is as good', async () => {
    await tf.setBackend('cpu');
    const model = await loadModel(join(files.path, 'model'));
    const correct = await countCorrect(model);
    model.dispose();
    // Neither all nor as few as by guessing: the figure says something.
    expect(correct).toBeGreaterThan(NUM_TEST * 0.3);
    expect(correct).toBeLessThan(NUM_TEST);
    expect(correct / NUM_TEST).toBe(printed.testAccuracy);
  });

  it('has two checkpoints at most, the newest of the last step', async () => {
    const names = await files.checkpoints();
    expect(names.length).toBeLessThanOrEqual(2);
    expect(names.at(-1)).toMatch(/^step-00000015/);
  });

  it('has a log a process, of JSON lines', async () => {
    for (const name of ['server', 'worker-0', 'worker-1']) {
      const lines = await files.log(name);
      expect(lines.length, name).toBeGreaterThan(1);
      for (const line of lines) {
        expect(line).toMatchObject({
          level: expect.stringMatching(/^(debug|info|warn|error)$/) as string,
          event: expect.any(String) as string,
          time: expect.stringMatching(/^\d{4}-.*Z$/) as string,
        });
      }
    }
  });

  it('names run, worker and incarnation alike in every log', async () => {
    const { runId } = printed;
    const [started, ...server] = await files.log('server');
    expect(started).toMatchObject({ event: 'process-started', server: 0 });
    for (const line of server) expect(line).toMatchObject({ runId, server: 0 });
    const joined = server.find(({ event }) => event === 'worker-joined');
    const { workerId, incarnation } = joined ?? {};
    const worker = await files.log(String(workerId));
    const working = worker.filter(({ step }) => typeof step === 'number');
    expect(working.length).toBeGreaterThan(0);
    for (const line of working) {
      expect(line).toMatchObject({ runId, workerId, incarnation });
    }
  });

  it('has no field twice in a line of a log', async () => {
    for (const name of ['server', 'worker-0', 'worker-1', 'muster']) {
      const text = await files.text(`logs/${name}.log`);
      for (const line of text.trim().split('\n')) {
        // parsing keeps the last of two fields of one name
        expect(JSON.stringify(JSON.parse(line)), name).toBe(line);
      }
    }
  });

  it('has a log of the launcher: who was started, and how each ended', async () => {
    const lines = await files.log('muster');
    const told = lines.map(({ event, process }) =>
      typeof process === 'string' ? `${String(event)} ${process}` : event,
    );
    const names = ['server', 'worker-0', 'worker-1'];
    expect(told.at(0)).toBe('run-started');
    expect(told.slice(1, 4)).toEqual(names.map((n) => `process-launched ${n}`));
    expect(told.slice(4, 7).sort()).toEqual(
      names.map((name) => `process-exited ${name}`),
    );
    expect(told.slice(7)).toEqual(['run-ended']);
    expect(lines.at(-1)).toMatchObject({ outcome: 'finished', restarts: 0 });
    for (const exit of lines.slice(4, 7)) expect(exit['exitCode']).toBe(0);
  });

  it('keeps its token to its owner, and out of every other file', async () => {
    expect(await files.mode('token')).toBe(0o600);
    const token = (await files.text('token')).trim();
    expect(token.length).toBeGreaterThanOrEqual(32);
    const logs = (await readdir(join(files.path, 'logs'))).map(
      (name) => `logs/${name}`,
    );
    for (const name of ['config.yaml', 'run.json', 'summary.json', ...logs]) {
      expect(await files.text(name), name).not.toContain(token);
    }
  });

  it('has the settings as they were used, which can be used again', async () => {
    const config = await files.text('config.yaml');
    expect(config).toContain('learning-rate: 0.0002\n');
    expect(config).toContain('seed: 7\n');
    expect(config).toContain('backend: wasm\n');
    const again = ['--config', join(files.path, 'config.yaml')];
    await using run = bench.start(['train', ...again]);
    const { parametersSha256 } = await run.summary();
    expect(parametersSha256).toBe(printed.parametersSha256);
  });
});
