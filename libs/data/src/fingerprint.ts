/** What tells two data sets apart: a hash over everything that is in them. */
import { createHash } from 'node:crypto';

/**
 * SHA-256 in hex, 64 digits, over the four unpacked IDX files one after the
 * other: training images, training labels, test images, test labels, each with
 * its header. The headers hold all lengths, so the cuts are part of it. How
 * the files are packed or called is not.
 *
 * @param parts - the bytes in that order, in pieces of any length.
 */
export function fingerprintOf(parts: readonly Uint8Array[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest('hex');
}
