// What a zip archive gives back is what was put in; anything else is refused.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { extractZipEntry, listZip } from './native-library/zip-reader.mjs';
import { temporaryFolder } from './temporary-folder.js';

interface Member {
  readonly content: Uint8Array;
  readonly isDeflated: boolean;
  readonly extraBytes: number;
}

/** A zip archive after APPNOTE 4.3.6; checksums are left 0, nobody reads them. */
function zip(members: readonly Member[], comment = ''): Buffer {
  const locals: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  members.forEach(({ content, isDeflated, extraBytes }, index) => {
    const name = Buffer.from(`folder/${index}`);
    const data = isDeflated ? deflateRawSync(content) : Buffer.from(content);
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt16LE(name.length, 26);
    local.writeUInt16LE(extraBytes, 28);
    const entry = Buffer.alloc(46);
    entry.writeUInt32LE(0x02014b50, 0);
    entry.writeUInt16LE(isDeflated ? 8 : 0, 10);
    entry.writeUInt32LE(data.length, 20);
    entry.writeUInt16LE(name.length, 28);
    entry.writeUInt32LE(offset, 42);
    locals.push(local, name, Buffer.alloc(extraBytes), data);
    directory.push(entry, name);
    offset += local.length + name.length + extraBytes + data.length;
  });
  const entries = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(members.length, 10);
  end.writeUInt32LE(entries.length, 12);
  end.writeUInt32LE(offset, 16);
  end.writeUInt16LE(comment.length, 20);
  return Buffer.concat([...locals, entries, end, Buffer.from(comment)]);
}

const member = fc.record({
  content: fc.uint8Array({ minLength: 1, maxLength: 2000 }),
  isDeflated: fc.boolean(),
  extraBytes: fc.integer({ min: 0, max: 40 }),
});

describe('listZip and extractZipEntry', () => {
  it('give every member back as it was', async () => {
    const root = temporaryFolder();
    const archive = join(root, 'a.zip');
    const target = join(root, 'out', 'file');
    await fc.assert(
      fc.asyncProperty(
        fc.array(member, { maxLength: 4 }),
        fc.constantFrom('', 'a comment'),
        async (members, comment) => {
          writeFileSync(archive, zip(members, comment));
          const entries = await listZip(archive);
          expect(entries.size).toBe(members.length);
          for (const [index, { content }] of members.entries()) {
            const entry = entries.get(`folder/${index}`)!;
            await extractZipEntry(archive, entry, target);
            expect(new Uint8Array(readFileSync(target))).toEqual(content);
          }
        },
      ),
      { numRuns: 50 },
    );
  });

  it.each([
    ['an empty file', Buffer.alloc(0)],
    ['another format', Buffer.alloc(100, 'x')],
    [
      'half an archive',
      zip([
        { content: Buffer.alloc(99), isDeflated: false, extraBytes: 0 },
      ]).subarray(0, 60),
    ],
  ])('refuse %s, naming it', async (_, bytes) => {
    const archive = join(temporaryFolder(), 'b.zip');
    writeFileSync(archive, bytes);
    await expect(listZip(archive)).rejects.toThrow(
      `${archive}: not a zip archive, or a damaged one`,
    );
  });
});
