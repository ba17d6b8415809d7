/** From a snapshot to the bytes of a checkpoint's files. */
import {
  MANIFEST_FILE,
  manifestSchema,
  sha256Of,
  SHARD_FILE,
  sumsLine,
  SUMS_FILE,
} from './manifest.js';
import { encodeSafetensors } from './safetensors.js';
import { flawOf, slicesOf, type Snapshot } from './snapshot.js';

/** Bytes by file name. */
export type CheckpointFiles = ReadonlyMap<string, Uint8Array>;

/**
 * Encodes a snapshot; everything is copied before the first wait.
 *
 * @throws an error if it could not be read again: numbers that are not
 *   finite, slices of a wrong length, a ledger that is not JSON.
 */
export async function encodeCheckpoint(
  snapshot: Snapshot,
): Promise<CheckpointFiles> {
  const flaw = flawOf(snapshot);
  if (flaw !== undefined) throw new RangeError(flaw);
  const shard = encodeShard(snapshot);
  const description = describe(snapshot);
  // From the first wait on, nothing of the snapshot is looked at.
  const sha256 = await sha256Of(shard);
  const file = { name: SHARD_FILE, bytes: shard.length, sha256 };
  const manifest = manifestSchema.parse({ ...description, files: [file] });
  const json = Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`);
  const sums =
    sumsLine(await sha256Of(json), MANIFEST_FILE) +
    sumsLine(sha256, SHARD_FILE);
  return new Map<string, Uint8Array>([
    [SHARD_FILE, shard],
    [MANIFEST_FILE, json],
    [SUMS_FILE, Buffer.from(sums)],
  ]);
}

function encodeShard(snapshot: Snapshot): Uint8Array {
  const { version, begin, end } = snapshot;
  const tensors = slicesOf(snapshot).map(([name, data]) => ({
    name,
    shape: [data.length],
    data,
  }));
  const metadata = {
    version: String(version),
    begin: String(begin),
    end: String(end),
  };
  return encodeSafetensors({ tensors, metadata });
}

/** The manifest but for `files`. */
function describe(snapshot: Snapshot): Record<string, unknown> {
  return {
    schema: 1,
    version: snapshot.version,
    epoch: snapshot.epoch,
    stepInEpoch: snapshot.stepInEpoch,
    runId: snapshot.runId,
    configFingerprint: snapshot.configFingerprint,
    seed: snapshot.seed,
    begin: snapshot.begin,
    end: snapshot.end,
    numParameters: snapshot.numParameters,
    optimizer: {
      name: snapshot.optimizer.name,
      slots: Object.keys(snapshot.optimizer.slots),
    },
    ledger: structuredClone(snapshot.ledger),
  };
}
