/**
 * Where the checkpoints of a run's servers lie in its `checkpoints/`:
 *
 *     step-00000123/                        one server: the whole vector
 *     shard-0000-of-0002/step-00000123/     two servers, each with its slice
 *     shard-0001-of-0002/step-00000123/
 *
 * Each number of servers is a layout of its own.
 */
import { join } from 'node:path';
import {
  listCheckpoints,
  type CheckpointEntry,
} from './checkpoint-directory.js';
import type { Disk } from './disk.js';

const MOST_SHARDS = 9999;
const NAME = /^shard-(\d{4})-of-(\d{4})$/;

/** One server's checkpoints. */
export interface ShardEntries {
  readonly directory: string;
  /** Finished ones, newest first, damaged ones included. */
  readonly entries: readonly CheckpointEntry[];
}

/** The checkpoints of all servers of one layout, by shard. */
export type Layout = readonly ShardEntries[];

/**
 * The directory for the checkpoints of one server: `root` itself where there
 * is but one, otherwise `root/shard-0001-of-0003`. Nothing is looked up.
 *
 * @param root - the run's `checkpoints/`.
 * @param shard - from 0.
 * @param numShards - 1 to 9999.
 * @throws RangeError for a shard that is not one of so many.
 */
export function shardDirectory(
  root: string,
  shard: number,
  numShards: number,
): string {
  const isNumber = Number.isInteger(numShards) && numShards >= 1;
  if (!isNumber || numShards > MOST_SHARDS) {
    throw new RangeError(
      `number of shards: expected an integer from 1 to ${MOST_SHARDS}, got ${numShards}`,
    );
  }
  if (!(Number.isInteger(shard) && shard >= 0 && shard < numShards)) {
    throw new RangeError(
      `shard: expected an integer from 0 to ${numShards - 1}, got ${shard}`,
    );
  }
  if (numShards === 1) return root;
  return join(root, `shard-${digits(shard)}-of-${digits(numShards)}`);
}

/** Lists the checkpoints of one layout; it may not be there at all. */
export async function readLayout(
  root: string,
  numShards: number,
  disk: Disk,
): Promise<Layout> {
  const layout: ShardEntries[] = [];
  for (let shard = 0; shard < numShards; shard++) {
    const directory = shardDirectory(root, shard, numShards);
    const entries = await listCheckpoints(directory, disk);
    layout.push({ directory, entries });
  }
  return layout;
}

/** Lists all layouts below `root`, that of one server first. */
export async function listLayouts(root: string, disk: Disk): Promise<Layout[]> {
  const names = await listShardNames(root, disk);
  const numbers = new Set([1, ...names.map(({ numShards }) => numShards)]);
  const layouts: Layout[] = [];
  for (const numShards of [...numbers].sort((a, b) => a - b)) {
    layouts.push(await readLayout(root, numShards, disk));
  }
  return layouts;
}

/** Lists shards' directories, of all layouts but that of one server. */
export async function listShardDirectories(
  root: string,
  disk: Disk,
): Promise<string[]> {
  const names = await listShardNames(root, disk);
  return names.map(({ name }) => join(root, name));
}

async function listShardNames(
  root: string,
  disk: Disk,
): Promise<{ name: string; numShards: number }[]> {
  return (await disk.list(root)).flatMap((name) => {
    const [, shard, of] = NAME.exec(name) ?? [];
    const numShards = Number(of ?? 0);
    return numShards > 1 && Number(shard) < numShards
      ? [{ name, numShards }]
      : [];
  });
}

function digits(value: number): string {
  return String(value).padStart(4, '0');
}
