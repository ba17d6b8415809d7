/** From files to one whole checkpoint, with every byte vouched for. */
import { MusterError } from '@muster/protocol';
import { join } from 'node:path';
import type { CheckpointEntry } from './checkpoint-directory.js';
import { isMissingFile, type Disk } from './disk.js';
import {
  MANIFEST_FILE,
  manifestSchema,
  sha256Of,
  SHARD_FILE,
  sumsLine,
  SUMS_FILE,
  type Manifest,
} from './manifest.js';
import { decodeSafetensors } from './safetensors.js';
import { flawOf, slotTensor, type Checkpoint } from './snapshot.js';

/**
 * Reads and checks one checkpoint.
 *
 * @returns slices that the caller owns, views of one buffer.
 * @throws MusterError ERR_CHECKPOINT_CORRUPT with file, expected and got, if
 *   anything in it is not what was written.
 * @throws the disk's own error where a file is there and cannot be read.
 */
export async function readCheckpoint(
  entry: CheckpointEntry,
  disk: Disk,
): Promise<Checkpoint> {
  const { path } = entry;
  const manifestBytes = await readFile(path, MANIFEST_FILE, disk);
  const sums = await readFile(path, SUMS_FILE, disk);
  const manifest = await parseManifest(manifestBytes, sums);
  if (manifest.version !== entry.version) {
    throw corrupt(
      `${MANIFEST_FILE}: expected version ${entry.version}, got ${manifest.version}`,
    );
  }
  const shard = await readFile(path, SHARD_FILE, disk);
  await checkShardFile(shard, manifest);
  const checkpoint = assemble(path, shard, manifest);
  const flaw = flawOf(checkpoint);
  if (flaw !== undefined) throw corrupt(`${SHARD_FILE}: ${flaw}`);
  return checkpoint;
}

async function readFile(
  path: string,
  file: string,
  disk: Disk,
): Promise<Uint8Array> {
  try {
    return await disk.readFile(join(path, file));
  } catch (cause) {
    if (!isMissingFile(cause)) throw cause;
    throw corrupt(`${file}: expected a file, got none`, cause);
  }
}

async function parseManifest(
  bytes: Uint8Array,
  sums: Uint8Array,
): Promise<Manifest> {
  const sha256 = await sha256Of(bytes);
  const manifestLine = sumsLine(sha256, MANIFEST_FILE);
  const sumsText = Buffer.from(sums).toString('latin1');
  if (!sumsText.startsWith(manifestLine)) {
    const stated = /^[0-9a-f]{64}/.exec(sumsText)?.[0] ?? 'in SHA256SUMS';
    throw corrupt(
      `${MANIFEST_FILE}: expected SHA-256 ${stated}, got ${sha256}`,
    );
  }
  const result = manifestSchema.safeParse(parseJson(bytes));
  if (!result.success) {
    const issue = result.error.issues[0];
    throw corrupt(
      `${MANIFEST_FILE}: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`,
    );
  }
  const manifest = result.data;
  const shardLine = sumsLine(manifest.files[0].sha256, SHARD_FILE);
  if (sumsText !== manifestLine + shardLine) {
    throw corrupt(
      `${SUMS_FILE}: expected the sums of ${MANIFEST_FILE}, got others`,
    );
  }
  return manifest;
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch (cause) {
    throw corrupt(`${MANIFEST_FILE}: expected JSON`, cause);
  }
}

async function checkShardFile(
  shard: Uint8Array,
  manifest: Manifest,
): Promise<void> {
  const { bytes, sha256 } = manifest.files[0];
  if (shard.length !== bytes) {
    throw corrupt(
      `${SHARD_FILE}: expected ${bytes} bytes, got ${shard.length}`,
    );
  }
  const got = await sha256Of(shard);
  if (got !== sha256) {
    throw corrupt(`${SHARD_FILE}: expected SHA-256 ${sha256}, got ${got}`);
  }
}

function assemble(
  path: string,
  shard: Uint8Array,
  manifest: Manifest,
): Checkpoint {
  const { tensors } = decodeSafetensors(shard);
  const slices = new Map(tensors.map(({ name, data }) => [name, data]));
  const slice = (name: string): Float32Array => {
    const data = slices.get(name);
    if (data !== undefined) return data;
    throw corrupt(`${SHARD_FILE}: expected a tensor '${name}', got none`);
  };
  const slots = manifest.optimizer.slots.map((slot) => [
    slot,
    slice(slotTensor(slot)),
  ]);
  return {
    path,
    version: manifest.version,
    epoch: manifest.epoch,
    stepInEpoch: manifest.stepInEpoch,
    runId: manifest.runId,
    configFingerprint: manifest.configFingerprint,
    seed: manifest.seed,
    begin: manifest.begin,
    end: manifest.end,
    numParameters: manifest.numParameters,
    parameters: slice('parameters'),
    optimizer: {
      name: manifest.optimizer.name,
      slots: Object.fromEntries(slots) as Record<string, Float32Array>,
    },
    ledger: manifest.ledger,
  };
}

function corrupt(reason: string, cause?: unknown): MusterError {
  return new MusterError('ERR_CHECKPOINT_CORRUPT', reason, { cause });
}
