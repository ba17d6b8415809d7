import { describe, expect, it } from 'vitest';
import { wholeVersions } from './checkpoint-versions.js';
import { dropNewer } from './drop-newer.js';
import { MemoryDisk, snapshotOf, type PowerCutLoss } from './testing.js';
import { writeCheckpoint } from './write-checkpoint.js';

const DIRECTORY = '/run/checkpoints';

async function diskWith(versions: readonly number[]): Promise<MemoryDisk> {
  const disk = new MemoryDisk();
  for (const version of versions) {
    await writeCheckpoint(DIRECTORY, snapshotOf(version), { disk, keep: 9 });
  }
  return disk;
}

async function versionsOn(disk: MemoryDisk): Promise<readonly number[]> {
  return (await wholeVersions(DIRECTORY, { disk })).versions;
}

describe('dropNewer', () => {
  it('leaves the version and what is older', async () => {
    const disk = await diskWith([1, 2, 3, 4]);
    await dropNewer(DIRECTORY, 2, { disk });
    expect(await versionsOn(disk)).toEqual([2, 1]);
    expect((await disk.list(DIRECTORY)).sort()).toEqual([
      'step-00000001',
      'step-00000002',
    ]);
  });

  it('does nothing where there is nothing newer, or no directory', async () => {
    const disk = await diskWith([1, 2]);
    const before = disk.operations;
    await dropNewer(DIRECTORY, 2, { disk });
    await dropNewer('/nowhere', 2, { disk });
    expect(disk.operations).toBe(before);
  });

  it.each<PowerCutLoss>(['everything', 'contents', 'nothing'])(
    'takes none that stays, wherever the power is cut and %s is lost',
    async (loss) => {
      const whole = await diskWith([1, 2, 3, 4]);
      const before = whole.operations;
      await dropNewer(DIRECTORY, 2, { disk: whole });
      const total = whole.operations - before;
      for (let operations = 0; operations < total; operations++) {
        const disk = await diskWith([1, 2, 3, 4]);
        disk.cutPowerAfter(operations);
        await expect(dropNewer(DIRECTORY, 2, { disk })).rejects.toMatchObject({
          code: 'ERR_CHECKPOINT_WRITE',
        });
        const survivor = disk.afterPowerCut(loss);
        const found = await wholeVersions(DIRECTORY, { disk: survivor });
        expect(found.versions).toEqual(expect.arrayContaining([1, 2]));
        expect(found.damaged).toEqual([]);
        // once more, and it is done
        await dropNewer(DIRECTORY, 2, { disk: survivor });
        expect(await versionsOn(survivor)).toEqual([2, 1]);
      }
      // two renames, a sync and two removals at least
      expect(total).toBeGreaterThanOrEqual(5);
    },
  );

  it('is for good once it is done', async () => {
    const disk = await diskWith([1, 2, 3]);
    await dropNewer(DIRECTORY, 1, { disk });
    expect(await versionsOn(disk.afterPowerCut('everything'))).toEqual([1]);
  });
});
