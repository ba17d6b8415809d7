// A power cut, or a full disk, between any two operations loses no checkpoint.
import { describe, expect, it } from 'vitest';
import { listCheckpoints } from './checkpoint-directory.js';
import { readCheckpoint } from './read-checkpoint.js';
import { readNewestCheckpoint } from './read-newest-checkpoint.js';
import type { Snapshot } from './snapshot.js';
import { MemoryDisk, snapshotOf, type PowerCutLoss } from './testing.js';
import { writeCheckpoint } from './write-checkpoint.js';

const DIRECTORY = '/run/checkpoints';
const LOSSES: readonly PowerCutLoss[] = ['everything', 'contents', 'nothing'];

interface Case {
  readonly title: string;
  /** Committed before, with the disk in order. */
  readonly before: readonly Snapshot[];
  readonly next: Snapshot;
}

const cases: readonly Case[] = [
  { title: 'the first', before: [], next: snapshotOf(1) },
  { title: 'the second', before: [snapshotOf(1)], next: snapshotOf(2) },
  {
    title: 'one that makes an older one go',
    before: [snapshotOf(1), snapshotOf(2)],
    next: snapshotOf(3),
  },
  {
    title: 'the same version with a grown ledger',
    before: [snapshotOf(1), snapshotOf(2)],
    next: { ...snapshotOf(2), ledger: 'grown' },
  },
];

async function diskWith(snapshots: readonly Snapshot[]): Promise<MemoryDisk> {
  const disk = new MemoryDisk();
  for (const snapshot of snapshots) {
    await writeCheckpoint(DIRECTORY, snapshot, { disk });
  }
  return disk;
}

/** Snapshot that is found, without its path, or undefined; none is damaged. */
async function newestOn(disk: MemoryDisk): Promise<Snapshot | undefined> {
  const found = await readNewestCheckpoint(DIRECTORY, { disk });
  expect(found?.damaged ?? []).toEqual([]);
  if (found === undefined) return undefined;
  const { path, ...snapshot } = found.checkpoint;
  expect(path).toContain(DIRECTORY);
  return snapshot;
}

describe.each(cases)('writing $title', ({ before, next }) => {
  const previous = before.at(-1);

  it.each(LOSSES)(
    'is whole or not at all when the power is cut anywhere and %s is lost',
    async (loss) => {
      const total = await operationsOf(before, next);
      const seen = new Set<Snapshot | undefined>();
      for (let operations = 0; operations < total; operations++) {
        const disk = await diskWith(before);
        disk.cutPowerAfter(operations);
        await expect(
          writeCheckpoint(DIRECTORY, next, { disk }),
        ).rejects.toMatchObject({ code: 'ERR_CHECKPOINT_WRITE' });
        const survivor = disk.afterPowerCut(loss);
        const newest = await newestOn(survivor);
        expect([previous, next]).toContainEqual(newest);
        const ledger = JSON.stringify(newest?.ledger);
        seen.add(ledger === JSON.stringify(next.ledger) ? next : previous);
        for (const entry of await listCheckpoints(DIRECTORY, survivor)) {
          await readCheckpoint(entry, survivor); // none is half removed
        }
        // Life goes on from there, and the leftovers are swept.
        await writeCheckpoint(DIRECTORY, snapshotOf(8), { disk: survivor });
        await writeCheckpoint(DIRECTORY, snapshotOf(9), { disk: survivor });
        expect((await survivor.list(DIRECTORY)).sort()).toEqual([
          'step-00000008',
          'step-00000009',
        ]);
      }
      // Three files of four operations each, and a few around them.
      expect(total).toBeGreaterThan(15);
      expect(seen).toContain(previous);
      // Not synced, but seen: the rename had reached the disk by luck.
      if (loss !== 'everything') expect(seen).toContain(next);
    },
  );

  it.each(LOSSES)(
    'is durable once it is written, if %s is lost',
    async (loss) => {
      const disk = await diskWith([...before, next]);
      expect(await newestOn(disk.afterPowerCut(loss))).toEqual(next);
    },
  );

  it('is refused on a full disk, with the older ones intact', async () => {
    const full = await bytesAfter(before);
    const needed = (await bytesAfter([next])) + full;
    for (let room = 0; full + room < needed; room += 97) {
      const disk = await diskWith(before);
      disk.limitBytes(full + room);
      await expect(
        writeCheckpoint(DIRECTORY, next, { disk }),
      ).rejects.toMatchObject({
        code: 'ERR_CHECKPOINT_WRITE',
        cause: { code: 'ENOSPC' },
        message: expect.stringContaining('--out') as string,
      });
      expect(await newestOn(disk)).toEqual(previous);
      expect(await disk.list(DIRECTORY)).toHaveLength(before.length);
      // The space is given back, and with more of it all is well.
      disk.limitBytes(2 * needed);
      await writeCheckpoint(DIRECTORY, next, { disk });
      expect(await newestOn(disk)).toEqual(next);
    }
  });
});

async function operationsOf(
  before: readonly Snapshot[],
  next: Snapshot,
): Promise<number> {
  const disk = await diskWith(before);
  const begin = disk.operations;
  await writeCheckpoint(DIRECTORY, next, { disk });
  return disk.operations - begin;
}

async function bytesAfter(snapshots: readonly Snapshot[]): Promise<number> {
  const disk = await diskWith(snapshots);
  let bytes = 0;
  for (const name of await disk.list(DIRECTORY)) {
    for (const file of await disk.list(`${DIRECTORY}/${name}`)) {
      bytes += (await disk.readFile(`${DIRECTORY}/${name}/${file}`)).length;
    }
  }
  return bytes;
}

describe('MemoryDisk', () => {
  const bytes = Uint8Array.of(1, 2);

  it('loses a name that was not synced', async () => {
    const disk = new MemoryDisk();
    await disk.makeDirectory('/a');
    await disk.writeFile('/a/f', bytes);
    expect(await disk.afterPowerCut('everything').list('/a')).toEqual([]);
    await disk.syncDirectory('/a');
    const survivor = disk.afterPowerCut('everything');
    expect(await survivor.readFile('/a/f')).toEqual(bytes);
  });

  it('loses half a file whose write was cut', async () => {
    const disk = new MemoryDisk();
    disk.cutPowerAfter(2); // the name and the first half
    await expect(disk.writeFile('/f', bytes)).rejects.toThrow('power cut');
    const kept = disk.afterPowerCut('nothing');
    expect(await kept.readFile('/f')).toEqual(Uint8Array.of(1));
    const lost = disk.afterPowerCut('contents');
    expect(await lost.readFile('/f')).toEqual(new Uint8Array());
  });

  it('takes back a rename and a removal that were not synced', async () => {
    const disk = new MemoryDisk();
    await disk.writeFile('/f', bytes);
    await disk.writeFile('/g', bytes);
    await disk.syncDirectory('/');
    await disk.rename('/f', '/h');
    await disk.remove('/g');
    const survivor = disk.afterPowerCut('everything');
    expect((await survivor.list('/')).sort()).toEqual(['f', 'g']);
    expect(await disk.list('/')).toEqual(['h']);
  });
});
