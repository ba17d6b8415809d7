/**
 * Which four files of a folder are the data set, and their unpacked bytes.
 * Known spellings: `train-images-idx3-ubyte`, `train-images.idx3-ubyte`, both
 * also with `.gz`, and with one common prefix as EMNIST has it
 * (`emnist-digits-train-images-idx3-ubyte.gz`).
 */
import { open, readdir } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { corrupt } from './dataset-error.js';

/**
 * Largest file that is read, packed or unpacked, in bytes: guards against an
 * archive that unpacks without end. EMNIST ByClass, the largest known set of
 * the kind, needs 547 MB.
 */
export const MAX_FILE_BYTES = 2 ** 31 - 1;

/** The four files in the order of the fingerprint. */
export const ROLES = [
  'train-images',
  'train-labels',
  'test-images',
  'test-labels',
] as const;

/** What one file holds. */
export type Role = (typeof ROLES)[number];

/** Where the four files are, and what the set is called. */
export interface DatasetFiles {
  readonly name: string;
  readonly paths: Readonly<Record<Role, string>>;
}

interface Candidate {
  readonly file: string;
  readonly prefix: string;
  readonly role: Role;
  /** Lower is better: plain before packed, dash before dot. */
  readonly preference: number;
}

const PATTERN =
  /^(?:(.+)-)?(train|t10k|test)-(images|labels)([-.])idx([13])-ubyte(\.gz)?$/;

function candidateOf(file: string): Candidate | undefined {
  const match = PATTERN.exec(file);
  if (match === null) return undefined;
  const [, prefix = '', half, kind, separator, digit, packed] = match;
  if ((kind === 'images') !== (digit === '3')) return undefined;
  return {
    file,
    prefix,
    role: `${half === 'train' ? 'train' : 'test'}-${kind}` as Role,
    preference: (packed === undefined ? 0 : 2) + (separator === '-' ? 0 : 1),
  };
}

/** The names that a file of this role usually has. */
export function usualName(role: Role): string {
  const stem = role.replace('test', 't10k');
  return `${stem}-idx${role.endsWith('images') ? 3 : 1}-ubyte`;
}

async function listFolder(directory: string): Promise<string[]> {
  try {
    return (await readdir(directory)).sort();
  } catch (error) {
    throw corrupt(
      `${directory}: expected a folder with the four data files, ` +
        `got ${String((error as NodeJS.ErrnoException).code)} (--data)`,
      error,
    );
  }
}

/** Names without a prefix win; of prefixed ones there may be one set only. */
function choosePrefix(
  candidates: readonly Candidate[],
  folder: string,
): string {
  const prefixes = [...new Set(candidates.map(({ prefix }) => prefix))];
  if (prefixes.includes('')) return '';
  if (prefixes.length > 1) {
    throw corrupt(
      `${folder}: expected one data set, got ${prefixes.length}: ` +
        `${prefixes.join(', ')}; put the wanted one into its own folder`,
    );
  }
  return prefixes[0] ?? '';
}

/**
 * Finds the four files of a folder. Where a file is there both plain and
 * packed, the plain one is taken.
 *
 * @throws DatasetError ERR_DATASET_CORRUPT when the folder or one of the files
 *   is missing, or when several sets with prefixes are in it.
 */
export async function findDatasetFiles(
  directory: string,
): Promise<DatasetFiles> {
  const candidates = (await listFolder(directory))
    .map(candidateOf)
    .filter((candidate) => candidate !== undefined)
    .sort((a, b) => a.preference - b.preference);
  const prefix = choosePrefix(candidates, directory);
  const ofSet = candidates.filter((candidate) => candidate.prefix === prefix);
  const pathOf = (role: Role): string => {
    const found = ofSet.find((candidate) => candidate.role === role);
    if (found !== undefined) return join(directory, found.file);
    const name = `${prefix === '' ? '' : `${prefix}-`}${usualName(role)}`;
    throw corrupt(
      `${join(directory, name)}: expected the file, plain or .gz, ` +
        'got no such file (--data)',
    );
  };
  const paths = Object.fromEntries(ROLES.map((role) => [role, pathOf(role)]));
  return {
    name: prefix === '' ? basename(resolve(directory)) : prefix,
    paths: paths as Record<Role, string>,
  };
}

/** One allocation and one read: `readFile` would read in small pieces. */
async function readWhole(path: string): Promise<Uint8Array> {
  await using file = await open(path);
  const { size } = await file.stat();
  if (size > MAX_FILE_BYTES) {
    throw corrupt(
      `${path}: expected at most ${MAX_FILE_BYTES} bytes, got ${size}`,
    );
  }
  const bytes = new Uint8Array(size);
  let filled = 0;
  while (filled < size) {
    const { bytesRead } = await file.read(bytes, filled, size - filled, filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return bytes.subarray(0, filled);
}

async function unpack(bytes: Uint8Array, path: string): Promise<Uint8Array> {
  try {
    const unpacked = await promisify(gunzip)(bytes, {
      maxOutputLength: MAX_FILE_BYTES,
    });
    // As a plain array: a Buffer would show in comparisons and in messages.
    return new Uint8Array(
      unpacked.buffer,
      unpacked.byteOffset,
      unpacked.byteLength,
    );
  } catch (error) {
    throw corrupt(
      `${path}: expected a whole gzip file of at most ${MAX_FILE_BYTES} ` +
        `bytes unpacked, got: ${(error as Error).message}`,
      error,
    );
  }
}

/**
 * Reads one file and unpacks it when its first bytes are gzip's, whatever its
 * name. The bytes are owned by the caller.
 *
 * @throws DatasetError ERR_DATASET_CORRUPT when it cannot be read or unpacked.
 */
export async function readDatasetFile(path: string): Promise<Uint8Array> {
  const bytes = await readWhole(path).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).syscall === undefined) throw error;
    throw unreadable(path, error);
  });
  return startsAsGzip(bytes) ? unpack(bytes, path) : bytes;
}

/**
 * Whether a file is packed, by its first bytes.
 *
 * @throws DatasetError ERR_DATASET_CORRUPT when it cannot be read.
 */
export async function isGzip(path: string): Promise<boolean> {
  try {
    await using file = await open(path);
    const { buffer, bytesRead } = await file.read(new Uint8Array(2), 0, 2, 0);
    return bytesRead === 2 && startsAsGzip(buffer);
  } catch (error) {
    throw unreadable(path, error);
  }
}

function startsAsGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

function unreadable(path: string, error: unknown) {
  const code = String((error as NodeJS.ErrnoException).code);
  return corrupt(`${path}: expected a readable file, got ${code}`, error);
}
