import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MetricsFile } from './metrics-file.js';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'muster-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** Why lines were lost. */
let losses: string[] = [];
beforeEach(() => {
  losses = [];
});
afterEach(() => expect(losses).toEqual([]));

const open = (path: string) =>
  new MetricsFile(path, (reason) => losses.push(reason));
const to = (version: number, atMs: number, numEpochs: number) => ({
  ...{ version, atMs, numEpochs },
});

describe('MetricsFile', () => {
  it('appends lines', async () => {
    const path = join(folder, 'metrics.jsonl');
    const file = open(path);
    file.rewind(to(0, 7, 9));
    file.append({ step: 1, loss: 0.5 });
    file.append({ step: 2, loss: 0.25 });
    await file.close();
    expect(await readFile(path, 'utf8')).toBe(
      '{"step":1,"loss":0.5}\n{"step":2,"loss":0.25}\n',
    );
  });

  it('cuts off what a resumed run does again, and a torn last line', async () => {
    const path = join(folder, 'metrics.jsonl');
    await writeFile(path, '{"step":1}\n{"step":2}\n{"step":3}\n{"st');
    const file = open(path);
    file.rewind(to(2, 7, 9));
    file.append({ step: 3, loss: 1 });
    await file.close();
    expect(await readFile(path, 'utf8')).toBe(
      '{"step":1}\n{"step":2}\n' +
        '{"step":2,"type":"rewind","atMs":7,"from":3}\n{"step":3,"loss":1}\n',
    );
  });

  it('says which steps it has cut off, and when they were', async () => {
    const path = join(folder, 'metrics.jsonl');
    const lines = [
      { step: 1, atMs: 1000 },
      { step: 2, atMs: 2000 },
      { step: 2, type: 'epoch', atMs: 2500 },
      { step: 3, atMs: 3000 },
      { step: 4, atMs: 4000 },
      { step: 4, type: 'phases', atMs: 4500 },
    ];
    const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
    await writeFile(path, `${text}{"st`);
    const file = open(path);
    expect(file.rewind(to(2, 7, 9))).toEqual({ count: 2, lastAtMs: 4000 });
    expect(file.rewind(to(2, 7, 9))).toBeUndefined();
    await file.close();
  });

  it('goes back in the middle, and keeps the order of what it was told', async () => {
    const path = join(folder, 'metrics.jsonl');
    const file = open(path);
    file.rewind(to(0, 7, 9));
    for (const step of [1, 2, 3]) file.append({ step });
    file.rewind(to(1, 7, 9));
    file.append({ step: 2, loss: 1 });
    await file.close();
    expect(await readFile(path, 'utf8')).toBe(
      '{"step":1}\n{"step":1,"type":"rewind","atMs":7,"from":3}\n' +
        '{"step":2,"loss":1}\n',
    );
  });

  it('keeps the record of having gone back, however far it goes', async () => {
    const path = join(folder, 'metrics.jsonl');
    await writeFile(path, '{"step":1}\n{"step":2}\n{"step":3}\n');
    const file = open(path);
    for (const [version, atMs] of [
      [2, 7],
      [1, 9],
      [1, 11],
    ] as const) {
      file.rewind(to(version, atMs, 9));
    }
    await file.close();
    expect(await readFile(path, 'utf8')).toBe(
      '{"step":1}\n{"step":2,"type":"rewind","atMs":7,"from":3}\n' +
        '{"step":1,"type":"rewind","atMs":9,"from":2}\n',
    );
  });

  it('drops an evaluation that comes again', async () => {
    const path = join(folder, 'metrics.jsonl');
    const lines = [1, 2].map((epoch) => {
      return `${JSON.stringify({ step: 2 * epoch, type: 'epoch', epoch })}\n`;
    });
    await writeFile(path, lines.join(''));
    const file = open(path);
    file.rewind(to(4, 7, 1));
    await file.close();
    expect(await readFile(path, 'utf8')).toBe(lines[0]);
  });

  it('has a line in the file when append comes back', async () => {
    const path = join(folder, 'metrics.jsonl');
    const file = open(path);
    file.rewind(to(0, 7, 9));
    file.append({ step: 1 });
    // Whoever is killed here has told of this step.
    expect(await readFile(path, 'utf8')).toBe('{"step":1}\n');
    await file.close();
  });

  it('takes no line of one that was replaced without knowing it', async () => {
    const path = join(folder, 'metrics.jsonl');
    const replaced = open(path);
    replaced.rewind(to(0, 7, 9));
    const follower = open(path);
    follower.rewind(to(0, 8, 9));
    replaced.append({ step: 1, loss: 9 });
    follower.append({ step: 1, loss: 1 });
    await Promise.all([replaced.close(), follower.close()]);
    expect(await readFile(path, 'utf8')).toBe('{"step":1,"loss":1}\n');
  });

  it('says once why lines are being lost, and throws nothing', async () => {
    const path = join(folder, 'metrics.jsonl');
    await mkdir(path);
    const file = open(path);
    expect(file.rewind(to(0, 7, 9))).toBeUndefined();
    file.append({ step: 1 });
    file.rewind(to(0, 7, 9));
    await file.close();
    expect(losses.splice(0)).toEqual([expect.stringContaining('EISDIR')]);
  });
});
