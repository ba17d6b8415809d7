import { appendFile, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nodeDisk, readNewestCheckpoint } from '@muster/checkpoint';
import { loadDataset, syntheticDataset, writeDataset } from '@muster/data';
import { notebookTopology } from '@muster/model';
import type { Consistency } from '@muster/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createRun } from './create-run.js';
import type { Run } from './create-run.js';
import {
  cutForServers,
  finalParameters,
  newestParameters,
} from './run-checkpoints.js';

let root = '';
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'muster-'));
});
afterEach(() => rm(root, { recursive: true }));

/** A new run of a small network. */
async function newRun(consistency: Consistency = { name: 'sync' }) {
  const data = join(root, 'data');
  const size = { numTrain: 8, numTest: 4, rows: 8, columns: 8, numClasses: 2 };
  await writeDataset(data, syntheticDataset({ seed: 1, ...size }));
  const dataset = await loadDataset(data);
  return createRun({
    out: join(root, 'runs'),
    dataset,
    topology: notebookTopology(dataset),
    plan: {
      ...{ seed: 1, epochs: 1, globalBatchSize: 8, microBatches: 2 },
      consistency,
      wire: 'float32',
      optimizer: { name: 'sgd' },
      schedule: { name: 'constant', learningRate: 0.1 },
    },
  });
}

const silent = () => undefined;

/** What lies in the folder of the checkpoints. */
async function layoutOf({ folder }: Run): Promise<string[]> {
  return (await readdir(folder.checkpoints)).sort();
}

describe('createRun', () => {
  it('keeps the start for good where a replay may begin there', async () => {
    const modes: Consistency[] = [
      { name: 'bounded', staleness: 4, scaling: 'none' },
      { name: 'async', maxStaleness: 4, scaling: 'none' },
    ];
    for (const mode of modes) {
      const { folder } = await newRun(mode);
      const start = await readNewestCheckpoint(folder.start);
      expect(start?.checkpoint.version).toBe(0);
    }
    const { folder } = await newRun();
    expect(await readNewestCheckpoint(folder.start)).toBeUndefined();
  });
});

describe('cutForServers', () => {
  it('makes a slice a server, and one of all of them again', async () => {
    const run = await newRun();
    const parameters = await newestParameters(run);
    expect(parameters).toHaveLength(run.definition.model.numParameters);
    const whole = await layoutOf(run);
    for (const numServers of [3, 2, 1, 1]) {
      await cutForServers(run, numServers, silent);
      expect(await newestParameters(run)).toEqual(parameters);
      expect(await layoutOf(run)).toEqual(
        numServers === 1
          ? whole
          : Array.from(
              { length: numServers },
              (_, shard) => `shard-000${shard}-of-000${numServers}`,
            ),
      );
    }
  });

  it('names what is damaged, and begins with what is before it', async () => {
    const run = await newRun();
    const parameters = await newestParameters(run);
    const { folder } = run;
    await cutForServers(run, 1, silent);
    const [version = ''] = await layoutOf(run);
    const damaged = join(folder.checkpoints, 'step-00000007');
    await nodeDisk.makeDirectory(damaged);
    await appendFile(join(damaged, 'manifest.json'), 'no manifest');
    const notices: string[] = [];
    await cutForServers(run, 2, (text) => notices.push(text));
    expect(version).toMatch(/^step-00000000/);
    expect(notices).toEqual([
      expect.stringMatching(
        /^checkpoint .*step-00000007 is damaged \(.+\); took version 0 before it$/,
      ),
    ]);
    expect(await newestParameters(run)).toEqual(parameters);
  });

  it('names the setting when there are too many servers', async () => {
    const run = await newRun();
    const wanted = run.definition.model.numParameters;
    await expect(cutForServers(run, wanted, silent)).rejects.toMatchObject({
      code: 'ERR_CONFIG',
      message: expect.stringMatching(/^--servers: /) as string,
    });
  });

  it('does not begin anew where nothing is', async () => {
    const run = await newRun();
    await rm(run.folder.checkpoints, { recursive: true });
    await expect(cutForServers(run, 1, silent)).rejects.toMatchObject({
      code: 'ERR_RUN_NOT_FOUND',
    });
  });
});

describe('finalParameters', () => {
  it('are those of the version that the run ended with, or none', async () => {
    const run = await newRun();
    expect(await finalParameters(run, 0)).toEqual(await newestParameters(run));
    await expect(finalParameters(run, 7)).rejects.toMatchObject({
      code: 'ERR_CHECKPOINT_WRITE',
      message: expect.stringMatching(
        /ended at version 7, .* is 0; .*--resume$/,
      ) as string,
    });
  });
});
