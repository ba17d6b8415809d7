// What makes a stamp invalid, and what does not.
import { rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  fingerprintFiles,
  listFiles,
  readStamp,
  removeStamp,
  sha256OfFile,
  writeStamp,
} from './stamp.mjs';
import { temporaryFolder, writeFiles } from './temporary-folder.js';

const anHourAgo = new Date(Date.now() - 3_600_000);

function sources(): { root: string; print: () => string } {
  const root = temporaryFolder();
  writeFiles(root, { 'src/a.ts': 'a', 'src/deep/b.ts': 'b' });
  const print = (): string => fingerprintFiles(root, listFiles(root));
  return { root, print };
}

describe('fingerprintFiles of listFiles', () => {
  it('stays the same while nothing changes', () => {
    const { print } = sources();
    expect(print()).toBe(print());
  });

  it.each<[string, (root: string) => void]>([
    ['size', (root) => writeFileSync(join(root, 'src/a.ts'), 'aa')],
    [
      'time',
      (root) => utimesSync(join(root, 'src/a.ts'), anHourAgo, anHourAgo),
    ],
    ['new file', (root) => writeFiles(root, { 'src/c.ts': '' })],
    ['lost file', (root) => rmSync(join(root, 'src/deep/b.ts'))],
  ])('changes with a %s', (_, change) => {
    const { root, print } = sources();
    const before = print();
    change(root);
    expect(print()).not.toBe(before);
  });

  it('does not see what a build or an install writes', () => {
    const { root, print } = sources();
    const before = print();
    writeFiles(root, { 'dist/a.js': '', 'src/node_modules/x/index.js': '' });
    expect(print()).toBe(before);
  });

  it('counts a named file that is missing as such', () => {
    const root = temporaryFolder();
    const file = join(root, 'nx.json');
    const before = fingerprintFiles(root, [file]);
    writeFileSync(file, '');
    expect(fingerprintFiles(root, [file])).not.toBe(before);
  });
});

describe('stamps', () => {
  it('are read as written, and unknown once removed or damaged', () => {
    const file = join(temporaryFolder(), 'state', 'build.json');
    expect(readStamp(file)).toBeUndefined();
    writeStamp(file, { sources: 'x' });
    expect(readStamp(file)).toEqual({ sources: 'x' });
    writeFileSync(file, '{"sources":');
    expect(readStamp(file)).toBeUndefined();
    removeStamp(file);
    removeStamp(file);
    expect(readStamp(file)).toBeUndefined();
  });
});

describe('sha256OfFile', () => {
  it("hashes the content: FIPS 180-4's example 'abc'", async () => {
    const file = join(temporaryFolder(), 'abc');
    writeFileSync(file, 'abc');
    expect(await sha256OfFile(file)).toBe(
      'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    );
  });
});
