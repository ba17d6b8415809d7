// Small files that say what was done and from what, so that a second start
// can tell within milliseconds that nothing is to do.
// @ts-check
import { createHash, randomUUID } from 'node:crypto';
import {
  createReadStream,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';

/** Folders that hold results or other people's code, never sources. */
const NOT_SOURCES = new Set([
  'node_modules',
  'dist',
  '.git',
  '.nx',
  'runs',
  'generated',
]);

/**
 * Lists the files below a folder, sorted by path; [] if there is no such folder.
 *
 * @param {string} directory
 * @param {ReadonlySet<string>} [skipped] names of folders not to go into
 * @returns {string[]} absolute if `directory` is
 */
export function listFiles(directory, skipped = NOT_SOURCES) {
  /** @type {string[]} */
  const files = [];
  for (const entry of entriesOf(directory)) {
    const path = join(directory, entry.name);
    if (!entry.isDirectory()) files.push(path);
    else if (!skipped.has(entry.name)) files.push(...listFiles(path, skipped));
  }
  return files.sort();
}

/** @param {string} directory */
function entriesOf(directory) {
  try {
    return readdirSync(directory, { withFileTypes: true });
  } catch {
    return [];
  }
}

/**
 * One hash over the names, sizes and modification times of files. Cheap: no
 * content is read. A file that is missing counts as such.
 *
 * @param {string} root names are taken relative to it
 * @param {readonly string[]} files
 * @returns {string} sha256, hex
 */
export function fingerprintFiles(root, files) {
  const hash = createHash('sha256');
  for (const file of files) {
    const stat = statSync(file, { throwIfNoEntry: false });
    const seen = stat ? `${stat.size} ${stat.mtimeMs}` : 'missing';
    hash.update(`${relative(root, file)} ${seen}\n`);
  }
  return hash.digest('hex');
}

/**
 * The SHA-256 of a file's content, read as a stream.
 *
 * @param {string} file
 * @returns {Promise<string>} hex
 * @throws when the file cannot be read
 */
export async function sha256OfFile(file) {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file, {
    highWaterMark: 1 << 20,
  })) {
    hash.update(chunk);
  }
  return hash.digest('hex');
}

/**
 * Reads a stamp; undefined if it is missing or damaged.
 *
 * @param {string} file
 * @returns {unknown}
 */
export function readStamp(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

/**
 * Writes a stamp whole or not at all.
 *
 * @param {string} file
 * @param {unknown} value
 */
export function writeStamp(file, value) {
  mkdirSync(dirname(file), { recursive: true });
  const beside = `${file}.${randomUUID()}`;
  writeFileSync(beside, `${JSON.stringify(value, null, 2)}\n`);
  renameSync(beside, file);
}

/**
 * Takes a stamp away before the work that it vouches for begins again.
 *
 * @param {string} file
 */
export function removeStamp(file) {
  rmSync(file, { force: true });
}
