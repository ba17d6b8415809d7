/**
 * Going back: what lies beyond the version that all servers agreed on must
 * not be found again. Where gradients are applied as they arrive, the steps
 * that are done again come to other bits under the same version, and slices
 * of both would fit together.
 */
import { listCheckpoints, unfinishedPath } from './checkpoint-directory.js';
import { attempt } from './commit-checkpoint.js';
import type { Disk } from './disk.js';
import { nodeDisk } from './node-disk.js';

/**
 * Removes every checkpoint of a version above `version`; for good, when it
 * resolves. What is not of this directory's shard is not looked at.
 *
 * @param directory - the shard's, see `shardDirectory`; it may be missing.
 * @throws MusterError ERR_CHECKPOINT_WRITE with the cause.
 */
export async function dropNewer(
  directory: string,
  version: number,
  options: {
    /** Default: the real one. */
    readonly disk?: Disk;
  } = {},
): Promise<void> {
  const { disk = nodeDisk } = options;
  const all = await listCheckpoints(directory, disk);
  const newer = all.filter((entry) => entry.version > version);
  if (newer.length === 0) return;
  await attempt(
    `checkpoints above version ${version} not removed`,
    async () => {
      // Renamed first: half removed, one must not look like a damaged one.
      for (const entry of newer) {
        await disk.remove(unfinishedPath(entry));
        await disk.rename(entry.path, unfinishedPath(entry));
      }
      await disk.syncDirectory(directory);
      for (const entry of newer) await disk.remove(unfinishedPath(entry));
    },
  );
}
