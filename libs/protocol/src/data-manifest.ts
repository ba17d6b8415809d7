/**
 * What a server says of the data set that it gives out: the answer to
 * `GET /data/manifest`. Each chunk is then at `/data/SHA-256`.
 *
 * Nothing in it has to be believed: a chunk is known by its hash, and all four
 * files by the fingerprint in the run's definition.
 */
import { z } from 'zod';
import { MusterError } from './errors.js';

/** Where the manifest is on a server's port. */
export const DATA_MANIFEST_PATH = '/data/manifest';

/** What a file holds, in the order of the fingerprint. */
const ROLES = [
  'train-images',
  'train-labels',
  'test-images',
  'test-labels',
] as const;

const MAX_FILE_BYTES = 2 ** 31 - 1;
/** A chunk is held whole by whoever gets it. */
const MAX_CHUNK_BYTES = 16 * 1024 * 1024;
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

const fileSchema = z.strictObject({
  role: z.enum(ROLES),
  /** Length of the file, plain or packed. */
  bytes: z.int().min(1).max(MAX_FILE_BYTES),
  /** SHA-256 of each chunk, in order. */
  chunks: z.array(sha256).min(1),
});

/** The whole manifest. */
const dataManifestSchema = z
  .strictObject({
    /** As in the run's definition. */
    fingerprint: sha256,
    /** Length of every chunk but the last one of a file. */
    chunkBytes: z.int().min(1).max(MAX_CHUNK_BYTES),
    files: z.array(fileSchema).length(ROLES.length),
  })
  .refine(({ files }) => files.every(({ role }, i) => role === ROLES[i]), {
    message: `expected the files ${ROLES.join(', ')}`,
  })
  .refine(
    ({ files, chunkBytes }) =>
      files.every(
        ({ bytes, chunks }) => chunks.length === Math.ceil(bytes / chunkBytes),
      ),
    { message: 'expected a hash for each chunk of each file' },
  );

/** What a server says of the data set that it gives out. */
export type DataManifest = z.infer<typeof dataManifestSchema>;
/** One file of a {@link DataManifest}. */
export type DataFile = DataManifest['files'][number];

/** The path of a chunk on a server's port. */
export function dataChunkPath(hash: string): string {
  return `/data/${hash}`;
}

/** The hash in the path of a chunk; undefined for any other path. */
export function chunkOfPath(path: string): string | undefined {
  return /^\/data\/([0-9a-f]{64})$/.exec(path)?.[1];
}

/**
 * Reads and checks a manifest.
 * @throws MusterError `ERR_MALFORMED_MESSAGE`.
 */
export function parseDataManifest(json: string): DataManifest {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (cause) {
    const message = `the server's list of data files is not JSON`;
    throw new MusterError('ERR_MALFORMED_MESSAGE', message, { cause });
  }
  const parsed = dataManifestSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new MusterError(
    'ERR_MALFORMED_MESSAGE',
    `the server's list of data files is not usable: ${parsed.error.message}`,
  );
}
