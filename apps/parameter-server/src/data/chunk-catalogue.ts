/**
 * Which bytes of which file each chunk of the run's data is. Made at the first
 * request: a run whose workers have the data never pays for it.
 */
import { chunkDataset } from '@muster/data';
import { MusterError, toMusterError } from '@muster/protocol';
import type { DataManifest } from '@muster/protocol';

/** Where a chunk lies. */
export interface Chunk {
  readonly path: string;
  readonly offset: number;
  readonly length: number;
}

/** Chunks by their hash, and what is told of them. */
export interface ChunkCatalogue {
  readonly manifest: DataManifest;
  readonly chunks: ReadonlyMap<string, Chunk>;
}

/**
 * Hashes the data of a folder.
 * @param directory IDX files; the MNIST package when undefined.
 * @param fingerprint of the run's data.
 * @throws MusterError `ERR_DATASET_MISMATCH` when they are not the run's, or
 *   are not there.
 */
export async function readCatalogue(
  directory: string | undefined,
  fingerprint: string,
): Promise<ChunkCatalogue> {
  const dataset = await chunkDataset(directory).catch((cause: unknown) => {
    const message = `the server's own data cannot be read: ${toMusterError(cause).message}`;
    throw new MusterError('ERR_DATASET_MISMATCH', message, { cause });
  });
  if (dataset.fingerprint !== fingerprint) {
    throw new MusterError(
      'ERR_DATASET_MISMATCH',
      `the server's own data have fingerprint ${dataset.fingerprint.slice(0, 12)}, its run trains on ${fingerprint.slice(0, 12)} (--data)`,
    );
  }
  const { chunkBytes } = dataset;
  const chunks = new Map<string, Chunk>();
  for (const { path, bytes, chunks: hashes } of dataset.files) {
    hashes.forEach((hash, index) => {
      const offset = index * chunkBytes;
      const length = Math.min(chunkBytes, bytes - offset);
      chunks.set(hash, { path, offset, length });
    });
  }
  const files = dataset.files.map(({ role, bytes, chunks: hashes }) => ({
    ...{ role, bytes, chunks: [...hashes] },
  }));
  return { manifest: { fingerprint, chunkBytes, files }, chunks };
}
