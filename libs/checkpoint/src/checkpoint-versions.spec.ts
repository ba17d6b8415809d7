import { describe, expect, it } from 'vitest';
import { readCheckpointOf, wholeVersions } from './checkpoint-versions.js';
import type { Snapshot } from './snapshot.js';
import { MemoryDisk, snapshotOf } from './testing.js';
import { writeCheckpoint } from './write-checkpoint.js';

const DIRECTORY = '/run/checkpoints/shard-0000-of-0002';
const PATH = `${DIRECTORY}/step-0000000`;

async function diskWith(...snapshots: Snapshot[]): Promise<MemoryDisk> {
  const disk = new MemoryDisk();
  for (const snapshot of snapshots) {
    await writeCheckpoint(DIRECTORY, snapshot, { disk, keep: 9 });
  }
  return disk;
}

/** A shard with two attempts at version 2: not swept, because of a crash. */
async function diskWithTwoAttempts(): Promise<MemoryDisk> {
  const disk = await diskWith(snapshotOf(1), grown);
  await disk.rename(`${PATH}2`, `${PATH}2-1`);
  await writeCheckpoint('/other', snapshotOf(2), { disk });
  await disk.rename('/other/step-00000002', `${PATH}2`);
  return disk;
}

const grown = { ...snapshotOf(2), ledger: 'grown' };
const range = { begin: 2, end: 6 };

describe('wholeVersions', () => {
  it('are none where there is no directory', async () => {
    const found = await wholeVersions(DIRECTORY, { disk: new MemoryDisk() });
    expect(found).toEqual({ versions: [], damaged: [] });
  });

  it('are the newest first, without those that are damaged', async () => {
    const disk = await diskWith(...[1, 3, 2].map(snapshotOf));
    await disk.remove(`${PATH}2/SHA256SUMS`);
    await disk.makeDirectory(`${PATH}4.tmp`);
    const expect_ = { ...range, numParameters: 10, configFingerprint: 'f00d' };
    const found = await wholeVersions(DIRECTORY, { disk, expect: expect_ });
    expect(found).toEqual({
      versions: [3, 1],
      damaged: [
        { path: `${PATH}2`, reason: 'SHA256SUMS: expected a file, got none' },
      ],
    });
  });

  it('are there once each, whatever was attempted', async () => {
    const disk = await diskWithTwoAttempts();
    expect((await wholeVersions(DIRECTORY, { disk })).versions).toEqual([2, 1]);
    await disk.remove(`${PATH}2-1/manifest.json`);
    const found = await wholeVersions(DIRECTORY, { disk });
    expect(found.versions).toEqual([2, 1]);
    expect(found.damaged).toHaveLength(1);
  });

  it('may all be damaged: that is for the servers to judge together', async () => {
    const disk = await diskWith(snapshotOf(1));
    await disk.remove(`${PATH}1/SHA256SUMS`);
    const found = await wholeVersions(DIRECTORY, { disk });
    expect(found.versions).toEqual([]);
    expect(found.damaged).toHaveLength(1);
  });

  it.each([
    [{ begin: 0, end: 6 }, 'begin: expected 0, got 2'],
    [{ begin: 2, end: 5 }, 'end: expected 5, got 6'],
    [{ numParameters: 11 }, 'numParameters: expected 11, got 10'],
    [{ configFingerprint: 'b' }, 'configFingerprint: expected b, got f00d'],
  ])('are not those of another run or range: %o', async (other, difference) => {
    const disk = await diskWith(snapshotOf(1));
    const failure = wholeVersions(DIRECTORY, { disk, expect: other });
    await expect(failure).rejects.toMatchObject({
      code: 'ERR_CHECKPOINT_MISMATCH',
      message: expect.stringContaining(difference) as string,
    });
  });

  it('are durable, also if their writer died before its last sync', async () => {
    const before = await diskWith(snapshotOf(1));
    const counted = before.afterPowerCut('nothing');
    const first = counted.operations;
    await writeCheckpoint(DIRECTORY, snapshotOf(2), { disk: counted });
    const total = counted.operations - first;
    const seen = new Set<number | undefined>();
    for (let operations = 0; operations < total; operations++) {
      const disk = before.afterPowerCut('nothing');
      disk.cutPowerAfter(operations);
      const written = writeCheckpoint(DIRECTORY, snapshotOf(2), { disk });
      await expect(written).rejects.toThrow();
      disk.cutPowerAfter(Infinity); // the process died, the machine did not
      const [newest] = (await wholeVersions(DIRECTORY, { disk })).versions;
      const survivor = disk.afterPowerCut('everything');
      const after = await wholeVersions(DIRECTORY, { disk: survivor });
      expect(after.versions[0]).toBe(newest);
      seen.add(newest);
    }
    expect(seen).toEqual(new Set([1, 2]));
  });
});

describe('readCheckpointOf', () => {
  it('reads exactly that version', async () => {
    const disk = await diskWith(...[1, 2, 3].map(snapshotOf));
    const expect_ = { ...range, runId: 'run-a' };
    const found = await readCheckpointOf(DIRECTORY, 2, {
      disk,
      expect: expect_,
    });
    expect(found).toEqual({ ...snapshotOf(2), path: `${PATH}2` });
  });

  it('reads the newest attempt that is whole', async () => {
    const disk = await diskWithTwoAttempts();
    const newest = await readCheckpointOf(DIRECTORY, 2, { disk });
    expect(newest).toEqual({ ...grown, path: `${PATH}2-1` });
    await disk.remove(`${PATH}2-1/manifest.json`);
    const first = await readCheckpointOf(DIRECTORY, 2, { disk });
    expect(first).toEqual({ ...snapshotOf(2), path: `${PATH}2` });
  });

  it('fails where there is none, or none whole', async () => {
    const disk = await diskWith(snapshotOf(1));
    await expect(
      readCheckpointOf(DIRECTORY, 2, { disk }),
    ).rejects.toMatchObject({
      code: 'ERR_CHECKPOINT_CORRUPT',
      message: `no whole checkpoint of version 2 in ${DIRECTORY}: ${PATH}2: expected a directory, got none`,
    });
    await disk.remove(`${PATH}1/manifest.json`);
    await expect(
      readCheckpointOf(DIRECTORY, 1, { disk }),
    ).rejects.toMatchObject({
      code: 'ERR_CHECKPOINT_CORRUPT',
      message: `no whole checkpoint of version 1 in ${DIRECTORY}: ${PATH}1: manifest.json: expected a file, got none`,
    });
  });

  it('fails where it is of another range', async () => {
    const disk = await diskWith(snapshotOf(1));
    await expect(
      readCheckpointOf(DIRECTORY, 1, { disk, expect: { end: 5 } }),
    ).rejects.toMatchObject({ code: 'ERR_CHECKPOINT_MISMATCH' });
  });
});
