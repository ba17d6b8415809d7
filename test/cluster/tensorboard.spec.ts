/**
 * `--tensorboard`, read back by TensorBoard's own reader: the figures of
 * metrics.jsonl, each once though some steps were done twice, and the
 * parameters.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { decodePng } from '@muster/data';
import { runDefinitionSchema } from '@muster/protocol';
import type { RunDefinition } from '@muster/protocol';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { failOnLeftovers } from './muster-process.js';
import type { Line, RunFiles, Summary } from './run-files.js';
import { STEPS_PER_EPOCH, Workbench } from './workbench.js';

failOnLeftovers();

/** A Python that has the package `tensorboard`. */
const PYTHON = process.env['TEST_PYTHON'] ?? 'python3';
const EPOCHS = 4;
/** Two steps after the checkpoint that training goes back to. */
const SOME_STEP = STEPS_PER_EPOCH + 2;

/** What `read_events.py` prints. */
interface Events {
  readonly scalars: Record<string, [step: number, value: number, at: number][]>;
  readonly histograms: Record<
    string,
    {
      step: number;
      num: number;
      min: number;
      max: number;
      limits: number[];
      counts: number[];
    }[]
  >;
  readonly images: Record<
    string,
    { step: number; width: number; height: number; png: string }[]
  >;
}

let missing: string | undefined;
let bench: Workbench;
let files: RunFiles;
let summary: Summary;
let run: RunDefinition;
let events: Events;
let ofServer1: Events;

beforeAll(async () => {
  const probe = spawnSync(PYTHON, ['-c', 'import tensorboard']);
  if (probe.status !== 0) {
    missing = `no Python package tensorboard for ${PYTHON} (TEST_PYTHON)`;
    if (process.env['REQUIRE_ENGINES'] === '1') throw new Error(missing);
    return;
  }
  bench = await Workbench.create();
  // a checkpoint an epoch: no other one comes before the kill
  const flags = ['--tensorboard', '--checkpoint-every', '0'];
  await using training = bench.train({
    ...{ epochs: EPOCHS, servers: 2, flags, slow: true },
  });
  await training.reached(SOME_STEP);
  const killedAt = await training.signal('SIGKILL', 'server-0');
  await training.event('server-0', 'training-resumed', {}, killedAt);
  summary = await training.summary();
  files = await training.files();
  run = runDefinitionSchema.parse(JSON.parse(await files.text('run.json')));
  events = read(join(files.path, 'tensorboard'));
  ofServer1 = read(join(files.path, 'tensorboard', 'server-1'));
}, 120_000);
beforeEach((test) => test.skip(missing !== undefined, missing));
afterAll(() => bench?.[Symbol.asyncDispose]());

function read(folder: string): Events {
  const script = fileURLToPath(new URL('read_events.py', import.meta.url));
  const { status, stdout, stderr } = spawnSync(PYTHON, [script, folder], {
    encoding: 'utf8',
  });
  expect(status, stderr).toBe(0);
  return JSON.parse(stdout) as Events;
}

/** What the reader must find of a figure of some lines. */
function expected(lines: readonly Line[], name: string) {
  return lines.map((line) => [
    line['step'],
    // TensorBoard's scalars are float32
    Math.fround(Number(line[name])),
    expect.closeTo(Number(line['atMs']) / 1000, 3) as number,
  ]);
}

describe('the events of a run that went back to a checkpoint', () => {
  it('have the scalars of metrics.jsonl, each step once', async () => {
    const lines = await files.metrics();
    expect(lines.some(({ type }) => type === 'rewind')).toBe(true);
    const steps = lines.filter(({ type }) => type === undefined);
    expect(steps).toHaveLength(summary.steps);
    for (const [tag, name] of [
      ['train/loss', 'loss'],
      ['train/accuracy', 'accuracy'],
      ['train/learning_rate', 'learningRate'],
      ['train/gradient_norm', 'gradientNorm'],
      ['speed/images_per_second', 'imagesPerSecond'],
      ['speed/workers', 'workers'],
    ] as const) {
      expect(events.scalars[tag], tag).toEqual(expected(steps, name));
    }
  });

  it('have the evaluations', async () => {
    const lines = await files.metrics();
    const epochs = lines.filter(({ type }) => type === 'epoch');
    expect(epochs).toHaveLength(EPOCHS);
    for (const [tag, name] of [
      ['epoch/test_loss', 'testLoss'],
      ['epoch/test_accuracy', 'testAccuracy'],
      ['epoch/train_loss', 'trainLoss'],
      ['epoch/train_accuracy', 'trainAccuracy'],
    ] as const) {
      // one that was evaluated again has the same figures at the same step
      const last = new Map(events.scalars[tag]?.map((one) => [one[0], one]));
      expect([...last.values()], tag).toEqual(expected(epochs, name));
    }
  });

  it('have a histogram a tensor and epoch, over both servers', () => {
    const all = [...Object.entries(events.histograms)];
    const others = Object.entries(ofServer1.histograms);
    const ends = Array.from({ length: EPOCHS }, (_, i) => {
      return (i + 1) * STEPS_PER_EPOCH;
    });
    const ofTensor = new Map<string, number>();
    for (const [tag, found] of [...all, ...others]) {
      expect(
        found.map(({ step }) => step),
        tag,
      ).toEqual(ends);
      for (const { num, min, max, limits, counts } of found) {
        expect(counts.reduce((a, b) => a + b, 0)).toBe(num);
        expect(limits.at(-1)).toBe(max);
        expect(min).toBeLessThanOrEqual(max);
      }
      const name = tag.replace(/^parameters\//, '').replace(/\[.*$/, '');
      ofTensor.set(name, (ofTensor.get(name) ?? 0) + found[0]!.num);
    }
    const sizes = run.model.layout.map(({ name, shape }) => {
      return [name, shape.reduce((a, b) => a * b, 1)] as const;
    });
    expect(Object.fromEntries(ofTensor)).toEqual(Object.fromEntries(sizes));
  });

  it('have the first filters as pictures', () => {
    const found = events.images['filters'] ?? [];
    expect(found.map(({ step }) => step)).toHaveLength(EPOCHS);
    for (const { png, width, height } of found) {
      const picture = decodePng(Buffer.from(png, 'hex'));
      expect([picture.width, picture.height]).toEqual([width, height]);
      // 28 filters of 3x3, 8 across in 4 rows, a line between, 8 times as large
      expect([width, height]).toEqual([8 * (8 * 4 - 1), 8 * (4 * 4 - 1)]);
      expect(new Set(picture.pixels).size).toBeGreaterThan(20);
    }
    expect(ofServer1.images).toEqual({});
  });

  it('are not there unless they are wanted', async () => {
    await using plain = bench.train({ epochs: 1 });
    await plain.summary();
    const { path } = await plain.files();
    expect(existsSync(join(path, 'tensorboard'))).toBe(false);
  });
});
