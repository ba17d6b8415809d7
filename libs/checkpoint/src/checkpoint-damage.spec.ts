// Whatever happens to the bytes of a checkpoint is noticed.
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { readNewestCheckpoint } from './read-newest-checkpoint.js';
import { encodeSafetensors } from './safetensors.js';
import { MemoryDisk, snapshotOf } from './testing.js';
import { writeCheckpoint } from './write-checkpoint.js';

const DIRECTORY = '/run/checkpoints';
const NEWEST = `${DIRECTORY}/step-00000002`;
const FILES = ['shard-0000.safetensors', 'manifest.json', 'SHA256SUMS'];

async function diskWithTwo(): Promise<MemoryDisk> {
  const disk = new MemoryDisk();
  await writeCheckpoint(DIRECTORY, snapshotOf(1), { disk });
  await writeCheckpoint(DIRECTORY, snapshotOf(2), { disk });
  return disk;
}

/** Checks that the newest is passed over, and gives the reason. */
async function reasonAfter(disk: MemoryDisk): Promise<string> {
  const found = await readNewestCheckpoint(DIRECTORY, { disk });
  expect(found?.checkpoint.version).toBe(1);
  expect(found?.damaged.map(({ path }) => path)).toEqual([NEWEST]);
  return found?.damaged[0]?.reason ?? '';
}

describe.each(FILES)('damage to %s', (file) => {
  const path = `${NEWEST}/${file}`;

  it('is noticed for every single bit', async () => {
    const disk = await diskWithTwo();
    const good = await disk.readFile(path);
    for (let bit = 0; bit < 8 * good.length; bit++) {
      const bad = good.slice();
      bad[bit >> 3]! ^= 1 << (bit & 7);
      await disk.writeFile(path, bad);
      expect(await reasonAfter(disk)).toMatch(/expected .*, got /);
    }
  });

  it('is noticed for every length', async () => {
    const disk = await diskWithTwo();
    const good = await disk.readFile(path);
    for (let length = 0; length < good.length; length++) {
      await disk.writeFile(path, good.subarray(0, length));
      await reasonAfter(disk);
    }
    await disk.writeFile(path, Buffer.concat([good, Buffer.from('\n')]));
    await reasonAfter(disk);
  });

  it('is noticed where it is missing', async () => {
    const disk = await diskWithTwo();
    await disk.remove(path);
    expect(await reasonAfter(disk)).toBe(`${file}: expected a file, got none`);
  });

  it('is noticed where it is that of the other checkpoint', async () => {
    const disk = await diskWithTwo();
    const other = await disk.readFile(`${DIRECTORY}/step-00000001/${file}`);
    await disk.writeFile(path, other);
    await reasonAfter(disk);
  });

  it('is noticed where the disk cannot read it', async () => {
    const disk = await diskWithTwo();
    const readFile = disk.readFile.bind(disk);
    disk.readFile = (asked) =>
      asked === path
        ? Promise.reject(new Error('EIO: bad sector'))
        : readFile(asked);
    expect(await reasonAfter(disk)).toBe('EIO: bad sector');
  });
});

/** Replaces the newest one's numbers, with all checksums made to agree. */
async function forge(disk: MemoryDisk, shard: Uint8Array): Promise<void> {
  const before = await disk.readFile(`${NEWEST}/manifest.json`);
  const manifest = JSON.parse(Buffer.from(before).toString()) as object;
  const name = 'shard-0000.safetensors';
  const file = { name, bytes: shard.length, sha256: sha256Of(shard) };
  const json = JSON.stringify({ ...manifest, files: [file] });
  const sums = `${sha256Of(json)}  manifest.json\n${file.sha256}  ${name}\n`;
  await disk.writeFile(`${NEWEST}/${name}`, shard);
  await disk.writeFile(`${NEWEST}/manifest.json`, Buffer.from(json));
  await disk.writeFile(`${NEWEST}/SHA256SUMS`, Buffer.from(sums));
}

function sha256Of(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}

describe('contents that cannot be, with checksums that agree', () => {
  const four = { shape: [4], data: Float32Array.of(1, 2, 3, 4) };
  const tensors = ['parameters', 'optimizer/m', 'optimizer/v'].map((name) => ({
    name,
    ...four,
  }));

  it('are none if the tensors are good ones', async () => {
    const disk = await diskWithTwo();
    await forge(disk, encodeSafetensors({ tensors, metadata: {} }));
    const found = await readNewestCheckpoint(DIRECTORY, { disk });
    expect(found?.checkpoint.parameters).toEqual(four.data);
  });

  it.each([
    [
      'a NaN',
      [{ ...tensors[0]!, data: Float32Array.of(1, 2, 3, NaN) }],
      'parameters: expected finite numbers, got NaN at 5',
    ],
    [
      'too few numbers',
      [{ ...tensors[0]!, shape: [1], data: Float32Array.of(1) }],
      'parameters: expected 4 elements, got 1',
    ],
    [
      'a missing tensor',
      [{ ...tensors[0]!, name: 'weights' }],
      "expected a tensor 'parameters', got none",
    ],
  ])('are noticed: %s', async (_, changed, reason) => {
    const disk = await diskWithTwo();
    const list = [...changed, ...tensors.slice(1)];
    await forge(disk, encodeSafetensors({ tensors: list, metadata: {} }));
    expect(await reasonAfter(disk)).toBe(`shard-0000.safetensors: ${reason}`);
  });
});

describe('damage', () => {
  it('is named with file, expected and got', async () => {
    const disk = await diskWithTwo();
    await disk.writeFile(`${NEWEST}/${FILES[0]!}`, new Uint8Array(5));
    expect(await reasonAfter(disk)).toMatch(
      /^shard-0000\.safetensors: expected \d+ bytes, got 5$/,
    );
  });

  it('is an empty directory, or one under another name', async () => {
    const disk = await diskWithTwo();
    await disk.rename(NEWEST, `${DIRECTORY}/step-00000007`);
    await disk.makeDirectory(`${DIRECTORY}/step-00000009`);
    const found = await readNewestCheckpoint(DIRECTORY, { disk });
    expect(found?.checkpoint.version).toBe(1);
    expect(found?.damaged).toEqual([
      {
        path: `${DIRECTORY}/step-00000009`,
        reason: 'manifest.json: expected a file, got none',
      },
      {
        path: `${DIRECTORY}/step-00000007`,
        reason: 'manifest.json: expected version 7, got 2',
      },
    ]);
  });

  it('to every checkpoint is an error, not a fresh start', async () => {
    const disk = await diskWithTwo();
    await disk.remove(`${NEWEST}/SHA256SUMS`);
    await disk.remove(`${DIRECTORY}/step-00000001/manifest.json`);
    const failure = readNewestCheckpoint(DIRECTORY, { disk });
    await expect(failure).rejects.toMatchObject({
      code: 'ERR_CHECKPOINT_CORRUPT',
      message: `no whole checkpoint in ${DIRECTORY}: ${NEWEST}: SHA256SUMS: expected a file, got none; ${DIRECTORY}/step-00000001: manifest.json: expected a file, got none; start a new run without --resume`,
    });
  });
});
