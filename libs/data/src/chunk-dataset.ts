/**
 * A data set as chunks that are known by their content: what a server gives
 * to workers that do not have it. Files are read in pieces and never held.
 */
import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { createGunzip } from 'node:zlib';
import { corrupt } from './dataset-error.js';
import {
  findDatasetFiles,
  isGzip,
  MAX_FILE_BYTES,
  ROLES,
  type Role,
} from './dataset-files.js';
import { defaultDirectory } from './load-dataset.js';

/** Bytes of a chunk; the last one of a file may be shorter. */
const CHUNK_BYTES = 4 * 1024 * 1024;
/** Bytes that are read at a time. */
const PIECE_BYTES = 256 * 1024;

/** One file as it lies on the disk, plain or packed. */
export interface ChunkedFile {
  readonly role: Role;
  readonly path: string;
  /** Its length. */
  readonly bytes: number;
  /** SHA-256 of each chunk in hex, in order. */
  readonly chunks: readonly string[];
}

/** The four files in the order of the fingerprint. */
export interface ChunkedDataset {
  /** As `loadDataset` gives it: over the unpacked contents. */
  readonly fingerprint: string;
  readonly chunkBytes: number;
  readonly files: readonly ChunkedFile[];
}

/**
 * Hashes the four files of a folder, chunk by chunk and as a whole. Takes the
 * time of reading them (MNIST: 0.1 s) and holds a piece of 256 KiB.
 *
 * @param directory - as for `loadDataset`.
 * @param chunkBytes - length of a chunk, in bytes.
 * @throws DatasetError ERR_DATASET_CORRUPT for a file that is missing, cannot
 *   be read or cannot be unpacked. What is in them is not looked at.
 */
export async function chunkDataset(
  directory?: string,
  chunkBytes = CHUNK_BYTES,
): Promise<ChunkedDataset> {
  const { paths } = await findDatasetFiles(directory ?? defaultDirectory());
  const whole = createHash('sha256');
  const files: ChunkedFile[] = [];
  for (const role of ROLES) {
    const path = paths[role];
    files.push({ role, path, ...(await hashFile(path, chunkBytes, whole)) });
  }
  return { fingerprint: whole.digest('hex'), chunkBytes, files };
}

async function hashFile(path: string, chunkBytes: number, whole: Hash) {
  const chunks = new ChunkHashes(chunkBytes);
  const isPacked = await isGzip(path);
  await read(path, 'a readable file', readPieces(path), (piece) => {
    chunks.add(piece);
    if (!isPacked) whole.update(piece);
  });
  if (isPacked) {
    const file = createReadStream(path, { highWaterMark: PIECE_BYTES });
    const unpacked = file.pipe(createGunzip({ chunkSize: PIECE_BYTES }));
    file.once('error', (error) => unpacked.destroy(error));
    await read(path, 'a whole gzip file', unpacked, (piece) => {
      whole.update(piece);
    });
  }
  return { bytes: chunks.bytes, chunks: chunks.end() };
}

/** A file's pieces, all in one buffer: each is to be used before the next. */
async function* readPieces(path: string): AsyncGenerator<Uint8Array> {
  await using file = await open(path);
  const buffer = new Uint8Array(PIECE_BYTES);
  for (;;) {
    const { bytesRead } = await file.read(buffer, 0, PIECE_BYTES, null);
    if (bytesRead === 0) return;
    yield buffer.subarray(0, bytesRead);
  }
}

/** Hands on each piece of a stream that is no longer than a file may be. */
async function read(
  path: string,
  expected: string,
  stream: AsyncIterable<unknown>,
  take: (piece: Uint8Array) => void,
): Promise<void> {
  let bytes = 0;
  try {
    for await (const piece of stream as AsyncIterable<Uint8Array>) {
      bytes += piece.byteLength;
      if (bytes > MAX_FILE_BYTES) break;
      take(piece);
    }
  } catch (error) {
    const got = (error as NodeJS.ErrnoException).code ?? String(error);
    throw corrupt(`${path}: expected ${expected}, got ${got}`, error);
  }
  if (bytes <= MAX_FILE_BYTES) return;
  throw corrupt(`${path}: expected at most ${MAX_FILE_BYTES} bytes, got more`);
}

/** The hash of each chunk of a file that comes in pieces of any length. */
class ChunkHashes {
  bytes = 0;
  readonly #chunkBytes: number;
  readonly #done: string[] = [];
  #hash = createHash('sha256');
  #filled = 0;

  constructor(chunkBytes: number) {
    this.#chunkBytes = chunkBytes;
  }

  add(piece: Uint8Array): void {
    this.bytes += piece.byteLength;
    for (let at = 0; at < piece.byteLength; ) {
      const part = piece.subarray(at, at + this.#chunkBytes - this.#filled);
      this.#hash.update(part);
      this.#filled += part.byteLength;
      at += part.byteLength;
      if (this.#filled === this.#chunkBytes) this.#close();
    }
  }

  end(): readonly string[] {
    if (this.#filled > 0) this.#close();
    return this.#done;
  }

  #close(): void {
    this.#done.push(this.#hash.digest('hex'));
    this.#hash = createHash('sha256');
    this.#filled = 0;
  }
}
