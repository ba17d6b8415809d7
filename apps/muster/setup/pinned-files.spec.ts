// Nothing is taken into use whose hash is not the pinned one. pip is replaced
// by a program that brings what the test wants.
import { chmodSync, existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { Journal } from './journal.mjs';
import {
  cachedLibtensorflow,
  hashProblem,
} from './native-library/libtensorflow.mjs';
import { WHEEL } from './native-library/pinned-wheel.mjs';
import { temporaryFolder, writeFiles } from './temporary-folder.js';

/** SHA-256 of 'abc' (FIPS 180-4) and of nothing. */
const ABC = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';
const EMPTY =
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

function withPip(script: string): { cache: string; journal: Journal } {
  const root = temporaryFolder();
  writeFiles(root, { 'bin/python3': `#!/bin/sh\n${script}\n` });
  chmodSync(join(root, 'bin/python3'), 0o755);
  vi.stubEnv('PATH', join(root, 'bin'));
  onTestFinished(() => {
    vi.unstubAllEnvs();
  });
  const journal = new Journal(join(root, 'log'), () => undefined);
  return { cache: join(root, 'cache'), journal };
}

describe('hashProblem', () => {
  it('is none when all files are the pinned ones', async () => {
    const root = temporaryFolder();
    writeFiles(root, { 'a/abc': 'abc', empty: '' });
    expect(await hashProblem(root, { 'a/abc': ABC, empty: EMPTY })).toBe('');
  });

  it('names file, expected and got', async () => {
    const root = temporaryFolder();
    writeFiles(root, { abc: 'abc' });
    expect(await hashProblem(root, { abc: EMPTY })).toBe(
      `${join(root, 'abc')} is not the pinned file: SHA-256 expected ${EMPTY}, got ${ABC}`,
    );
    expect(await hashProblem(root, { other: ABC })).toBe(
      `${join(root, 'other')} is missing`,
    );
  });
});

// The wheel is Linux's, and the pip of this test a shell script.
describe.skipIf(process.platform === 'win32')('cachedLibtensorflow', () => {
  it('refuses a wheel with another hash before it is opened', async () => {
    const { cache, journal } = withPip(`printf abc > '${WHEEL.file}'`);
    const { problem } = await cachedLibtensorflow(cache, journal);
    expect(problem).toContain(WHEEL.file);
    expect(problem).toContain(`expected ${WHEEL.sha256}, got ${ABC}`);
    expect(readdirSync(cache)).toEqual([]);
  });

  it("passes pip's own refusal on with both hashes", async () => {
    const { cache, journal } = withPip(
      `[ "$3" = --version ] && exit 0\n` +
        `echo 'ERROR: THESE PACKAGES DO NOT MATCH THE HASHES'\n` +
        `echo '  Expected sha256 ${WHEEL.sha256}'\necho '  Got  ${ABC}'\nexit 1`,
    );
    const { problem } = await cachedLibtensorflow(cache, journal);
    expect(problem).toBe(
      `${WHEEL.file} was refused: SHA-256 expected ${WHEEL.sha256}, got ${ABC}`,
    );
  });

  it('says what pip said when there is no such wheel', async () => {
    const { cache, journal } = withPip(
      `[ "$3" = --version ] && exit 0\necho 'ERROR: no such thing'\nexit 1`,
    );
    const { problem } = await cachedLibtensorflow(cache, journal);
    expect(problem).toBe('pip download failed: no such thing');
  });

  it('says that there is no pip', async () => {
    const { cache, journal } = withPip('exit 1');
    const { problem } = await cachedLibtensorflow(cache, journal);
    expect(problem).toContain('no Python with pip');
    expect(existsSync(join(cache, `libtensorflow-${WHEEL.version}`))).toBe(
      false,
    );
  });
});
