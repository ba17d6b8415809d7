import { describe, expect, it } from 'vitest';
import {
  chunkOfPath,
  dataChunkPath,
  parseDataManifest,
} from './data-manifest.js';
import type { DataManifest } from './data-manifest.js';

const HASH = 'a1'.repeat(32);

/** Files of 1, 10, 11 and 30 bytes in chunks of 10. */
function manifest(): DataManifest {
  const file = (
    role: DataManifest['files'][number]['role'],
    bytes: number,
    numChunks: number,
  ) => ({ role, bytes, chunks: Array<string>(numChunks).fill(HASH) });
  return {
    fingerprint: HASH,
    chunkBytes: 10,
    files: [
      file('train-images', 1, 1),
      file('train-labels', 10, 1),
      file('test-images', 11, 2),
      file('test-labels', 30, 3),
    ],
  };
}

describe('parseDataManifest', () => {
  it('reads what was written', () => {
    expect(parseDataManifest(JSON.stringify(manifest()))).toEqual(manifest());
  });

  it.each<[string, (one: DataManifest) => unknown]>([
    ['not JSON', () => '{'],
    ['no object', () => 7],
    ['another field', (one) => ({ ...one, path: '/etc/passwd' })],
    ['a hash that is none', (one) => ({ ...one, fingerprint: '../secret' })],
    ['a chunk beyond memory', (one) => ({ ...one, chunkBytes: 2 ** 30 })],
    ['chunks of no length', (one) => ({ ...one, chunkBytes: 0 })],
    ['three files', (one) => ({ ...one, files: one.files.slice(1) })],
    ['another order', (one) => ({ ...one, files: one.files.toReversed() })],
    [
      'a chunk too few',
      (one) => ({
        ...one,
        files: one.files.map((file) => ({
          ...file,
          chunks: file.chunks.slice(1),
        })),
      }),
    ],
    [
      'a file beyond all bounds',
      (one) => ({
        ...one,
        files: one.files.map((file) => ({ ...file, bytes: 2 ** 31 })),
      }),
    ],
  ])('refuses %s', (_, change) => {
    const changed = change(manifest());
    const text =
      typeof changed === 'string' ? changed : JSON.stringify(changed);
    expect(() => parseDataManifest(text)).toThrow(
      expect.objectContaining({ code: 'ERR_MALFORMED_MESSAGE' }) as Error,
    );
  });
});

describe('the path of a chunk', () => {
  it('leads back to its hash', () => {
    expect(chunkOfPath(dataChunkPath(HASH))).toBe(HASH);
  });

  it.each([
    '/data/',
    '/data/manifest',
    `/data/${HASH}/`,
    `/data/${HASH}0`,
    `/data/../${HASH}`,
    `/data/${HASH.toUpperCase()}`,
    '/data/..%2f..%2fetc%2fpasswd',
    `/other/${HASH}`,
  ])('is not %s', (path) => {
    expect(chunkOfPath(path)).toBeUndefined();
  });
});
