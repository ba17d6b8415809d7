// Reads single files out of a zip archive (a wheel is one), without a package.
// Format: PKWARE APPNOTE 6.3.10, sections 4.3.7, 4.3.12 and 4.3.16; no ZIP64,
// no encryption, methods "stored" and "deflated".
// @ts-check
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createInflateRaw } from 'node:zlib';

const END_SIGNATURE = 0x06054b50;
const ENTRY_SIGNATURE = 0x02014b50;
const LOCAL_SIGNATURE = 0x04034b50;
const END_BYTES = 22;
const ENTRY_BYTES = 46;
const LOCAL_BYTES = 30;
const LONGEST_COMMENT = 0xffff;

/** @typedef {{ method: number, compressedBytes: number, offset: number }} ZipEntry */

/**
 * Lists an archive's files.
 *
 * @param {string} archive
 * @returns {Promise<Map<string, ZipEntry>>} by path in the archive
 * @throws when the file is no zip archive
 */
export async function listZip(archive) {
  const handle = await open(archive);
  try {
    const { size } = await handle.stat();
    const tailBytes = Math.min(size, END_BYTES + LONGEST_COMMENT);
    const tail = await readAt(handle, size - tailBytes, tailBytes);
    const end = findEnd(tail, archive);
    const directory = await readAt(
      handle,
      tail.readUInt32LE(end + 16),
      tail.readUInt32LE(end + 12),
    );
    return parseDirectory(directory, tail.readUInt16LE(end + 10), archive);
  } finally {
    await handle.close();
  }
}

/**
 * Writes one file of an archive to disk; its folder is made.
 *
 * @param {string} archive
 * @param {ZipEntry} entry
 * @param {string} target
 * @returns {Promise<void>}
 * @throws when the archive is damaged
 */
export async function extractZipEntry(archive, entry, target) {
  const handle = await open(archive);
  let start;
  try {
    const local = await readAt(handle, entry.offset, LOCAL_BYTES);
    if (local.readUInt32LE(0) !== LOCAL_SIGNATURE) throw notAZip(archive);
    start =
      entry.offset +
      LOCAL_BYTES +
      local.readUInt16LE(26) +
      local.readUInt16LE(28);
  } finally {
    await handle.close();
  }
  await mkdir(dirname(target), { recursive: true });
  const end = start + entry.compressedBytes - 1;
  const source = createReadStream(archive, { start, end });
  const sink = createWriteStream(target);
  if (entry.method === 0) await pipeline(source, sink);
  else if (entry.method === 8) await pipeline(source, createInflateRaw(), sink);
  else
    throw new Error(
      `${archive}: compression method ${entry.method} is not known`,
    );
}

/**
 * @param {Buffer} tail
 * @param {string} archive
 * @returns {number} where the end record begins
 */
function findEnd(tail, archive) {
  for (let at = tail.length - END_BYTES; at >= 0; at--) {
    if (tail.readUInt32LE(at) === END_SIGNATURE) return at;
  }
  throw notAZip(archive);
}

/**
 * @param {Buffer} directory
 * @param {number} numEntries
 * @param {string} archive
 * @returns {Map<string, ZipEntry>}
 */
function parseDirectory(directory, numEntries, archive) {
  /** @type {Map<string, ZipEntry>} */
  const entries = new Map();
  let at = 0;
  for (let i = 0; i < numEntries; i++) {
    if (directory.readUInt32LE(at) !== ENTRY_SIGNATURE) throw notAZip(archive);
    const nameBytes = directory.readUInt16LE(at + 28);
    const nameStart = at + ENTRY_BYTES;
    const name = directory.toString('utf8', nameStart, nameStart + nameBytes);
    entries.set(name, {
      method: directory.readUInt16LE(at + 10),
      compressedBytes: directory.readUInt32LE(at + 20),
      offset: directory.readUInt32LE(at + 42),
    });
    const extraBytes = directory.readUInt16LE(at + 30);
    const commentBytes = directory.readUInt16LE(at + 32);
    at = nameStart + nameBytes + extraBytes + commentBytes;
  }
  return entries;
}

/**
 * @param {import('node:fs/promises').FileHandle} handle
 * @param {number} position
 * @param {number} numBytes
 * @returns {Promise<Buffer>}
 */
async function readAt(handle, position, numBytes) {
  const buffer = Buffer.alloc(numBytes);
  await handle.read(buffer, 0, numBytes, position);
  return buffer;
}

/** @param {string} archive */
function notAZip(archive) {
  return new Error(`${archive}: not a zip archive, or a damaged one`);
}
