/**
 * What a person meets when the settings or the data are wrong: the exit code,
 * and one message that names the subject, what was expected and got.
 */
import { cp, truncate } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { failOnLeftovers, muster } from './muster-process.js';
import { expectPlainError } from './plain-error.js';
import { Workbench } from './workbench.js';

failOnLeftovers();

let bench: Workbench;
beforeAll(async () => {
  bench = await Workbench.create();
});
afterAll(() => bench[Symbol.asyncDispose]());

describe('muster train', () => {
  it.each(['--listen', '--metrics-listen'])(
    'names the port of %s that another process has',
    async (flag) => {
      const other = createServer().listen(0, '127.0.0.1');
      await once(other, 'listening');
      const { port } = other.address() as AddressInfo;
      await using run = bench.train({ flags: [flag, `127.0.0.1:${port}`] });
      expectPlainError(await run.exit(), {
        exitCode: 1,
        code: 'ERR_PORT_IN_USE',
        message: new RegExp(`${port}.*(${flag})`),
      });
      other.close();
    },
  );

  it('lists every unknown name and wrong value at once', async () => {
    const yaml = 'epoch: 3\nworkers: none\n';
    const file = await bench.write('wrong.yaml', yaml);
    const exit = await muster(
      ['train', '--seed', '-1', '--config', file, '--data', bench.data],
      { env: { MUSTER_BACKENT: 'wasm', MUSTER_GLOBAL_BATCH: '41' } },
    );
    expect(exit.code).toBe(2);
    expect(exit.stderr).toContain('ERR_CONFIG');
    const problems = [
      'MUSTER_BACKENT: expected a known setting (did you mean MUSTER_BACKEND?)',
      `epoch: expected a known setting (did you mean epochs?) (from ${file} line 1)`,
      "--seed: expected a whole number from 0 to 4294967295, got '-1' (from the command line)",
      `--workers: expected auto or a whole number from 1 to 1024, got 'none' (from ${file} line 2)`,
      "--global-batch: expected a multiple of --micro-batches 4, got '41' (from MUSTER_GLOBAL_BATCH)",
    ];
    for (const problem of problems) expect(exit.stderr).toContain(problem);
    expect(exit.stderr.trim().split('\n')).toHaveLength(1 + problems.length);
  });

  it('names an unknown flag', async () => {
    const exit = await muster(['train', '--epoch', '3']);
    expect(exit).toMatchObject({ code: 2, stdout: '' });
    expect(exit.stderr).toMatch(/unknown option '--epoch'/);
  });

  it('names an unknown command', async () => {
    const exit = await muster(['trian']);
    expect(exit).toMatchObject({ code: 2, stdout: '' });
    expect(exit.stderr).toMatch(/unknown command 'trian'/);
  });

  it.each([
    {
      damage: 'truncated',
      file: 'train-images-idx3-ubyte',
      bytes: 1000,
      // 16 bytes of header and 600 pictures of 14 x 14
      message: /train-images-idx3-ubyte: .*expected 117616 bytes, got 1000/,
    },
    {
      damage: 'empty',
      file: 't10k-labels-idx1-ubyte',
      bytes: 0,
      message: /t10k-labels-idx1-ubyte: .*expected .*got a file of 0 bytes/,
    },
  ])(
    'names a data file that is $damage',
    async ({ damage, file, bytes, message }) => {
      const data = join(bench.path, damage);
      await cp(bench.data, data, { recursive: true });
      await truncate(join(data, file), bytes);
      const exit = await muster(['train', '--data', data, '--out', bench.out]);
      const code = 'ERR_DATASET_CORRUPT';
      expectPlainError(exit, { exitCode: 2, code, message });
    },
  );

  it('names a data folder that is not there', async () => {
    const data = join(bench.path, 'nowhere');
    const exit = await muster(['train', '--data', data, '--out', bench.out]);
    expectPlainError(exit, {
      exitCode: 2,
      code: 'ERR_DATASET_CORRUPT',
      message: /nowhere: expected a folder with the four data files.*--data/,
    });
  });
});

describe('a run that is not there', () => {
  it.each([
    ['train', '--resume', 'nowhere'],
    ['server', '--resume', 'nowhere'],
    ['evaluate', 'nowhere'],
    ['export', 'nowhere'],
    ['predict', 'nowhere', 'picture.png'],
  ])('is named by muster %s', async (...words) => {
    const exit = await muster([...words, '--out', bench.out]);
    expectPlainError(exit, {
      exitCode: 2,
      code: 'ERR_RUN_NOT_FOUND',
      message: /there is no run 'nowhere'.*--out/,
    });
  });
});
