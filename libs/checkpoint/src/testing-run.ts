/** For the specs of runs with several servers. */
import { join } from 'node:path';
import { readWholeRun } from './read-whole-run.js';
import { shardDirectory } from './shard-layout.js';
import { sliceSnapshot, type KeyRange, type Snapshot } from './snapshot.js';
import type { MemoryDisk, PowerCutLoss } from './testing.js';
import { writeCheckpoint } from './write-checkpoint.js';

/** The run's `checkpoints/`. */
export const ROOT = '/run/checkpoints';

/** All kinds of loss. */
export const LOSSES: readonly PowerCutLoss[] = [
  'everything',
  'contents',
  'nothing',
];

/**
 * A whole run's state; every number tells its version, its place, and in
 * which life of the cluster it was computed. No slots in version 0.
 */
export function runSnapshotOf(
  version: number,
  numParameters = 7,
  life = 0,
): Snapshot {
  const numbers = (first: number) =>
    Float32Array.from({ length: numParameters }, (_, i) => {
      return first + version + i / 64 + 100 * life;
    });
  return {
    version,
    epoch: Math.floor(version / 10),
    stepInEpoch: version % 10,
    runId: 'run-a',
    configFingerprint: 'f00d',
    seed: 7,
    ...{ begin: 0, end: numParameters, numParameters },
    parameters: numbers(0.5),
    optimizer: {
      name: 'adam',
      slots: version === 0 ? {} : { m: numbers(-0.5), v: numbers(-0.25) },
    },
    ledger: { examplesApplied: 128 * version, life },
  };
}

/** Splits the vector into ranges of nearly equal length. */
export function evenRanges(
  numShards: number,
  numParameters = 7,
): readonly KeyRange[] {
  const bound = (i: number) => Math.floor((i * numParameters) / numShards);
  return Array.from({ length: numShards }, (_, i) => ({
    begin: bound(i),
    end: bound(i + 1),
  }));
}

/** What stays of older checkpoints. */
export type Retention = Pick<
  NonNullable<Parameters<typeof writeCheckpoint>[2]>,
  'keep' | 'keepFrom'
>;

/** Writes one shard's slice. */
export function writeSlice(
  disk: MemoryDisk,
  snapshot: Snapshot,
  ranges: readonly KeyRange[],
  shard: number,
  retention: Retention = {},
): Promise<string> {
  return writeCheckpoint(
    shardDirectory(ROOT, shard, ranges.length),
    sliceSnapshot(snapshot, ranges[shard] ?? { begin: 0, end: 0 }),
    { disk, ...retention },
  );
}

/** Writes every shard's slice, one after the other. */
export async function writeRun(
  disk: MemoryDisk,
  snapshot: Snapshot,
  ranges: readonly KeyRange[],
  retention: Retention = {},
): Promise<void> {
  for (const shard of ranges.keys()) {
    await writeSlice(disk, snapshot, ranges, shard, retention);
  }
}

/** The newest whole state, without its path. */
export async function stateOn(disk: MemoryDisk): Promise<Snapshot | undefined> {
  const found = await readWholeRun(ROOT, { disk });
  if (found === undefined) return undefined;
  const { path, ...snapshot } = found.checkpoint;
  if (!path.startsWith(ROOT)) throw new Error(`path: got ${path}`);
  return snapshot;
}

/** All checkpoints, finished or not, as paths below the root, sorted. */
export async function treeOf(disk: MemoryDisk, below = ''): Promise<string[]> {
  const paths: string[] = [];
  for (const name of await disk.list(join(ROOT, below))) {
    const path = join(below, name);
    const isShard = name.startsWith('shard-') && !name.endsWith('.tmp');
    paths.push(...(isShard ? await treeOf(disk, path) : [path]));
  }
  return paths.sort();
}

/** The paths of versions in one layout, as {@link treeOf} gives them. */
export function treeWith(numShards: number, ...versions: number[]): string[] {
  return Array.from({ length: numShards }, (_, shard) => shard)
    .flatMap((shard) =>
      versions.map((version) =>
        join(
          shardDirectory('', shard, numShards),
          `step-${String(version).padStart(8, '0')}`,
        ),
      ),
    )
    .sort();
}

/** Lets others go on for so many turns. */
export async function pause(turns: number): Promise<void> {
  for (let turn = 0; turn < turns; turn++) await Promise.resolve();
}
