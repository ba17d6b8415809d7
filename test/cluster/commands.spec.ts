/**
 * What is done with a trained run, and a look at data and machine: every
 * command for people, and with `--json` for programs.
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeSafetensors } from '@muster/checkpoint';
import {
  createRandomStream,
  decodePng,
  encodePng,
  imageAt,
  loadDataset,
} from '@muster/data';
import { runDefinitionSchema } from '@muster/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { failOnLeftovers, muster } from './muster-process.js';
import type { RunFiles, Summary } from './run-files.js';
import { drawShape, SHAPES, shapesDataset } from './shapes.js';
import { NUM_TEST, NUM_TRAIN, Workbench } from './workbench.js';

failOnLeftovers();

let bench: Workbench;
let files: RunFiles;
let summary: Summary;
let trainText: string;

beforeAll(async () => {
  bench = await Workbench.create(shapesDataset(NUM_TRAIN, NUM_TEST));
  await using run = bench.train({ json: false });
  const { stdout, stderr, code } = await run.exit();
  expect(code, stderr).toBe(0);
  trainText = stdout;
  files = await run.files();
  summary = await files.summary();
}, 60_000);
afterAll(() => bench[Symbol.asyncDispose]());

/** Runs a command that ends well; gives what it prints. */
async function run(...words: string[]): Promise<string> {
  const { code, stdout, stderr } = await muster(words, { cwd: bench.path });
  expect(code, stderr).toBe(0);
  return stdout;
}

/** The same with `--json`: standard output is one JSON value. */
async function runJson(...words: string[]): Promise<unknown> {
  return JSON.parse(await run(...words, '--json')) as unknown;
}

/** Anything but text and line breaks. */
const CONTROL = /[\u0000-\u0009\u000b-\u001f\u007f]/;

describe('muster train', () => {
  it('prints plain lines where there is no terminal', () => {
    expect(trainText).not.toMatch(CONTROL);
    const lines = trainText.trimEnd().split('\n');
    expect(lines[0]).toBe(
      `run ${summary.runId}: 600 images of data, 129,948 parameters, 3 epochs, seed 1, 1 worker`,
    );
    expect(lines).toContainEqual(expect.stringMatching(/^epoch 3\/3 done /));
    const percent = (100 * summary.testAccuracy!).toFixed(2);
    expect(trainText).toContain(`  test accuracy  ${percent} % (loss `);
    expect(trainText).toContain(`sha256 ${summary.parametersSha256}\n`);
    expect(trainText).toContain(files.path);
  });
});

describe('muster evaluate', () => {
  it('comes to the figures of the summary', async () => {
    const words = ['evaluate', files.path, '--data', bench.data];
    const { testAccuracy, testLoss, runId, parametersSha256 } = summary;
    const result = await runJson(...words, '--backend', 'wasm');
    expect(result).toEqual({
      ...{ runId, parametersSha256 },
      data: 'data',
      testAccuracy,
      testLoss: expect.closeTo(testLoss!, 6) as number,
      correct: Math.round(testAccuracy! * NUM_TEST),
      count: NUM_TEST,
    });
  });

  it('says it in one line, finding the run by its name', async () => {
    const words = ['evaluate', summary.runId, '--out', bench.out];
    const text = await run(...words, '--data', bench.data);
    const correct = Math.round(summary.testAccuracy! * NUM_TEST);
    expect(text).toMatch(
      new RegExp(
        `^${summary.runId} on data: [\\d.]+ % \\(${correct} of ${NUM_TEST}\\), loss [\\d.]+\n$`,
      ),
    );
  });
});

describe('muster predict', () => {
  const random = createRandomStream(3, 0, 0);
  const pictures = SHAPES.flatMap((_, label) =>
    [20, 33, 64].flatMap((size) => [
      { label, ink: 'dark', ...drawShape(label, size, random) },
      { label, ink: 'light', ...drawShape(label, size, random) },
    ]),
  );
  let paths: string[];

  beforeAll(async () => {
    paths = await Promise.all(
      pictures.map(({ label, size, ink, pixels }) => {
        // `encodePng` draws ink dark on white; turned round it is light.
        const drawn = ink === 'dark' ? pixels : pixels.map((v) => 255 - v);
        const png = encodePng(drawn, size, size);
        return bench.write(`${SHAPES[label]}-${size}-${ink}.png`, png);
      }),
    );
  });

  it('knows shapes of any size, dark on light and light on dark', async () => {
    const words = ['predict', files.path, ...paths, '--backend', 'wasm'];
    const answers = (await runJson(...words)) as {
      file: string;
      digit: number;
      probabilities: number[];
    }[];
    expect(answers.map(({ file, digit }) => [file, digit])).toEqual(
      pictures.map(({ label }, i) => [paths[i], label]),
    );
    for (const { probabilities, digit } of answers) {
      expect(probabilities).toHaveLength(SHAPES.length);
      const sum = probabilities.reduce((total, value) => total + value, 0);
      expect(sum).toBeCloseTo(1, 5);
      expect(probabilities[digit]).toBe(Math.max(...probabilities));
    }
  });

  it('shows a bar a class', async () => {
    const text = await run('predict', files.path, paths[0]!);
    expect(text).not.toMatch(CONTROL);
    const [head, ...bars] = text.trimEnd().split('\n');
    expect(head).toMatch(new RegExp(`^${paths[0]}: 0 \\([\\d.]+ %\\)$`));
    expect(bars.map((bar) => bar.trim().split(/\s+/)[0])).toEqual(
      SHAPES.map((_, label) => String(label)),
    );
  });

  it('names a file that is no picture', async () => {
    const path = await bench.write('text.png', 'no picture');
    const exit = await muster(['predict', files.path, path]);
    expect(exit.code).toBe(2);
    expect(exit.stderr).toContain(`${path} cannot be read as a PNG picture: `);
    expect(exit.stderr).toContain('(ERR_CONFIG)');
  });
});

describe('muster export', () => {
  it('writes the tfjs format as it lies in the run', async () => {
    const to = join(bench.path, 'as-tfjs');
    const text = await run('export', files.path, '--to', to);
    expect(text).toBe(`${join(to, 'model.json')}\n`);
    for (const name of ['model.json', 'weights.bin']) {
      const got = await readFile(join(to, name));
      expect(got.equals(await readFile(join(files.path, 'model', name)))).toBe(
        true,
      );
    }
  });

  it('writes safetensors that hold the very bits of the run', async () => {
    const to = join(bench.path, 'as-safetensors');
    const words = ['--format', 'safetensors', '--to', to];
    const text = await run('export', files.path, ...words);
    const path = join(to, 'model.safetensors');
    expect(text).toBe(`${path}\n`);
    const { tensors, metadata } = decodeSafetensors(await readFile(path));
    const definition = JSON.parse(await files.text('run.json')) as unknown;
    const { model, runId } = runDefinitionSchema.parse(definition);
    expect(metadata).toEqual({ runId, model: model.fingerprint });
    const hash = createHash('sha256');
    for (const { name, shape } of model.layout) {
      const tensor = tensors.find((one) => one.name === name);
      expect(tensor?.shape, name).toEqual(shape);
      const { buffer, byteOffset, byteLength } = tensor!.data;
      hash.update(new Uint8Array(buffer, byteOffset, byteLength));
    }
    expect(hash.digest('hex')).toBe(summary.parametersSha256);
  });

  it('names the formats there are', async () => {
    const exit = await muster(['export', files.path, '--format', 'onnx']);
    expect(exit.code).toBe(2);
    expect(exit.stderr).toMatch(/onnx.*tfjs, safetensors/);
  });
});

describe('muster runs', () => {
  it('has a row a run', async () => {
    const rows = await runJson('runs', '--out', bench.out);
    const percent = (100 * summary.testAccuracy!).toFixed(2);
    expect(rows).toEqual([
      {
        run: summary.runId,
        state: 'finished',
        data: 'data',
        epochs: '3/3',
        accuracy: `${percent} %`,
        seconds: summary.trainSeconds.toFixed(1),
        workers: '1',
        sha256: summary.parametersSha256.slice(0, 12),
      },
    ]);
    const table = await run('runs', '--out', bench.out);
    expect(table).not.toMatch(CONTROL);
    expect(table.trimEnd().split('\n')).toHaveLength(2);
    expect(table).toMatch(/^run +state +data +epochs +accuracy +seconds/);
  });

  it('says what to do where there is none', async () => {
    const text = await run('runs', '--out', join(bench.path, 'none'));
    expect(text).toContain('no runs in');
  });
});

describe('muster explore', () => {
  it('tells shapes, types, a label, and images per class', async () => {
    const png = join(bench.path, 'look.png');
    const words = ['explore', '--data', bench.data, '--index', '6'];
    const { train, rows, columns } = await loadDataset(bench.data);
    // Labels are 0, 1, 2, 3, 0 ...: a quarter of each.
    const [ofTrain, ofTest] = [NUM_TRAIN / 4, NUM_TEST / 4];
    expect(await runJson(...words, '--png', png)).toEqual({
      arrays: [
        { name: 'x_train', shape: [NUM_TRAIN, 14, 14], dtype: 'uint8' },
        { name: 'y_train', shape: [NUM_TRAIN], dtype: 'uint8' },
        { name: 'x_test', shape: [NUM_TEST, 14, 14], dtype: 'uint8' },
        { name: 'y_test', shape: [NUM_TEST], dtype: 'uint8' },
      ],
      label: { index: 6, value: 2 },
      picture: { index: 6, label: 2 },
      imagesPerClass: {
        train: [ofTrain, ofTrain, ofTrain, ofTrain],
        test: [ofTest, ofTest, ofTest, ofTest],
      },
      png,
    });
    // The picture in Greys, ten times as large: ink is dark.
    const { pixels, width } = decodePng(await readFile(png));
    expect(width).toBe(10 * columns);
    const image = imageAt(train, 6);
    const seen = image.map((_, at) => {
      const [row, column] = [Math.floor(at / columns), at % columns];
      return 255 - pixels[10 * row * width + 10 * column]!;
    });
    expect(seen).toEqual(image);
    expect(pixels).toHaveLength(100 * rows * columns);
  });

  it('shows it in plain characters where there is no terminal', async () => {
    const text = await run('explore', '--data', bench.data);
    expect(text).not.toMatch(CONTROL);
    expect(text).toContain('600');
    expect(text).toMatch(/picture written to explore-\d+\.png\n$/);
  });

  it.each(['600', '1.5'])('takes no --index %s', async (index) => {
    const words = ['explore', '--data', bench.data, `--index=${index}`];
    const exit = await muster(words);
    expect(exit.code).toBe(2);
    expect(exit.stderr).toContain(
      `--index takes a whole number from 0 to 599, got '${index}' (ERR_CONFIG)`,
    );
  });
});

describe('muster doctor', () => {
  it('finds what training needs', async () => {
    const words = ['doctor', '--data', bench.data, '--backend', 'wasm'];
    const report = (await runJson(...words)) as {
      isReady: boolean;
      findings: { what: string; found: string; ok: boolean }[];
    };
    expect(report.isReady).toBe(true);
    const found = new Map(report.findings.map((f) => [f.what, f.found]));
    expect(found.get('Node')).toContain(process.versions.node);
    expect(found.get('backend')).toMatch(/^wasm /);
    expect(found.get('threads')).toBe('1 a worker');
    expect(found.get('data')).toBe('data: 600 and 200 images of 14x14');
    expect([...found.keys()]).toContain('native library');
  });

  it('says what is missing, on one screen, and exits with 1', async () => {
    const data = join(bench.path, 'nowhere');
    const exit = await muster(['doctor', '--data', data, '--backend', 'wasm']);
    expect(exit).toMatchObject({ code: 1, stderr: '' });
    expect(exit.stdout).not.toMatch(CONTROL);
    expect(exit.stdout).toMatch(/^MISSING data .*nowhere/m);
    const lines = exit.stdout.trimEnd().split('\n');
    expect(lines.length).toBeLessThanOrEqual(24);
    expect(lines.at(-1)).toBe('not ready: see the lines marked MISSING');
  });
});
