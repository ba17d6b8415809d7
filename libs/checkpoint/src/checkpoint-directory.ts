/**
 * Names of checkpoints in a run's `checkpoints/`:
 *
 *     step-00000123        version 123
 *     step-00000123-1      version 123 written again (the ledger had grown)
 *     step-00000150.tmp    not finished, or being removed: never read
 *
 * With several servers there is one such directory for each: shard-layout.ts.
 */
import { join } from 'node:path';
import type { Disk } from './disk.js';

const NAME = /^step-(\d{8,16})(?:-([1-9]\d{0,8}))?$/;
const UNFINISHED = /^(?:step|shard)-.*\.tmp$/;

/** Where one checkpoint lies. */
export interface CheckpointEntry {
  readonly version: number;
  /** 0, or how often the version was written again. */
  readonly attempt: number;
  readonly path: string;
}

/** Gives the entry of a version; nothing is looked up. */
export function checkpointEntry(
  directory: string,
  version: number,
  attempt: number,
): CheckpointEntry {
  const suffix = attempt === 0 ? '' : `-${attempt}`;
  const name = `step-${String(version).padStart(8, '0')}${suffix}`;
  return { version, attempt, path: join(directory, name) };
}

/** The name under which an entry is written or removed. */
export function unfinishedPath({ path }: { readonly path: string }): string {
  return `${path}.tmp`;
}

/** Lists finished checkpoints, newest first, damaged ones included. */
export async function listCheckpoints(
  directory: string,
  disk: Disk,
): Promise<CheckpointEntry[]> {
  const entries = (await disk.list(directory)).flatMap((name) => {
    const match = NAME.exec(name);
    if (match === null) return [];
    const [, version, attempt = '0'] = match;
    const path = join(directory, name);
    return [{ version: Number(version), attempt: Number(attempt), path }];
  });
  return entries.sort((a, b) => b.version - a.version || b.attempt - a.attempt);
}

/** Lists what a stopped write or removal has left behind. */
export async function listUnfinished(
  directory: string,
  disk: Disk,
): Promise<string[]> {
  const names = await disk.list(directory);
  return names
    .filter((name) => UNFINISHED.test(name))
    .map((name) => join(directory, name));
}

/**
 * Removes finished checkpoints, or whole shards' directories, for good: once
 * it resolves, no power cut brings one of them back, or back in part.
 *
 * @param parent - the directory that they are all in.
 */
export async function removeForGood(
  parent: string,
  paths: readonly string[],
  disk: Disk,
): Promise<void> {
  if (paths.length === 0) return;
  for (const path of paths) {
    await disk.remove(unfinishedPath({ path }));
    await disk.rename(path, unfinishedPath({ path }));
  }
  await disk.syncDirectory(parent);
  for (const path of paths) await disk.remove(unfinishedPath({ path }));
}
