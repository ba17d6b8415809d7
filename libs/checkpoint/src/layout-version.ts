/** One version in one layout: which slices are whole, and do they make a run. */
import type { Disk } from './disk.js';
import {
  isCheckpoint,
  isFailedRead,
  tryRead,
  type FailedRead,
} from './expectation.js';
import type { Layout } from './shard-layout.js';
import type { Checkpoint } from './snapshot.js';

/** Slices that cover the whole vector, in the order of their ranges. */
export type Cover = readonly [Checkpoint, ...Checkpoint[]];

/** What a layout holds of one version. */
export interface LayoutVersion {
  readonly version: number;
  /** Whole slices by shard, the newest attempt of each first. */
  readonly whole: readonly (readonly Checkpoint[])[];
  /** What could not be read, by shard. */
  readonly failed: readonly (readonly FailedRead[])[];
}

/** The versions of which a layout holds anything, newest first. */
export function versionsOf(layout: Layout): number[] {
  const all = layout.flatMap(({ entries }) => entries);
  const versions = new Set(all.map(({ version }) => version));
  return [...versions].sort((a, b) => b - a);
}

/** Reads every attempt of a version by every shard of a layout. */
export async function readLayoutVersion(
  layout: Layout,
  version: number,
  disk: Disk,
): Promise<LayoutVersion> {
  const whole: Checkpoint[][] = [];
  const failed: FailedRead[][] = [];
  for (const { entries } of layout) {
    const attempts = entries.filter((entry) => entry.version === version);
    const found: (Checkpoint | FailedRead)[] = [];
    for (const entry of attempts) found.push(await tryRead(entry, disk));
    whole.push(found.filter(isCheckpoint));
    failed.push(found.filter(isFailedRead));
  }
  return { version, whole, failed };
}

/**
 * Chooses one slice of every shard so that their ranges cover the vector
 * exactly once and all else that a run has one of is the same in each. Several
 * attempts of one shard differ in their ranges while a run is resharded.
 *
 * @param whole - by shard, the attempt to prefer first.
 * @returns undefined if there is no such choice.
 */
export function coverOf(
  whole: readonly (readonly Checkpoint[])[],
): Cover | undefined {
  for (const identity of new Set(whole.flat().map(identityOf))) {
    const shards = whole.map((slices) =>
      withDistinctRanges(
        slices.filter((slice) => identityOf(slice) === identity),
      ),
    );
    const [first, ...rest] = coverFrom(0, shards) ?? [];
    if (first !== undefined) return [first, ...rest];
  }
  return undefined;
}

/** Says what a version lacks in a layout, or does not fit in it. */
export function describeGap({ version, whole, failed }: LayoutVersion): string {
  const gaps = whole.flatMap((slices, shard) => {
    if (slices.length > 0) return [];
    const reasons = (failed[shard] ?? []).map(
      ({ path, reason }) => `${path}: ${reason}`,
    );
    const none = `shard ${shard}: expected a checkpoint, got none`;
    return reasons.length > 0 ? reasons : [none];
  });
  const subject = `version ${version} of ${whole.length} ${whole.length === 1 ? 'server' : 'servers'}`;
  if (gaps.length > 0) return `${subject}: ${gaps.join(', ')}`;
  const slices = whole.flat();
  const ranges = slices.map(({ begin, end }) => `${begin} to ${end}`);
  return `${subject}: expected slices of one run that cover 0 to ${slices[0]?.numParameters ?? 0} once, got ${ranges.join(', ')}`;
}

function coverFrom(
  position: number,
  shards: readonly (readonly Checkpoint[])[],
): Checkpoint[] | undefined {
  for (const shard of shards) {
    const others = shards.filter((other) => other !== shard);
    for (const slice of shard) {
      if (slice.begin !== position) continue;
      const isLast = others.length === 0;
      if (isLast && slice.end === slice.numParameters) return [slice];
      const rest = isLast ? undefined : coverFrom(slice.end, others);
      if (rest !== undefined) return [slice, ...rest];
    }
  }
  return undefined;
}

/** All that must be the same in every slice of a run's version. */
function identityOf(slice: Checkpoint): string {
  const { runId, configFingerprint, seed, numParameters, optimizer } = slice;
  return JSON.stringify([
    ...[runId, configFingerprint, seed, numParameters],
    ...[slice.version, slice.epoch, slice.stepInEpoch],
    ...[optimizer.name, Object.keys(optimizer.slots).sort()],
  ]);
}

/** Of several slices with one range the first. */
function withDistinctRanges(slices: readonly Checkpoint[]): Checkpoint[] {
  const byRange = new Map<string, Checkpoint>();
  for (const slice of slices) {
    const range = `${slice.begin} to ${slice.end}`;
    if (!byRange.has(range)) byRange.set(range, slice);
  }
  return [...byRange.values()];
}
