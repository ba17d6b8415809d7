// When a build is skipped, when it is not, and what a failed one says. Nx is
// replaced by a program that writes what the test wants.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Journal } from './journal.mjs';
import { build, buildReason, compilerErrors } from './steps/build.mjs';
import { temporaryFolder, writeFiles } from './temporary-folder.js';
import { type Workspace, workspaceAt } from './workspace.mjs';

const NX = 'node_modules/nx/dist/bin/nx.js';

const BUILDS = `
const fs = require('node:fs');
fs.mkdirSync('libs/data/dist', { recursive: true });
fs.writeFileSync('libs/data/dist/index.js', '');
`;

const FAILS = `
console.log('> nx run @muster/data:build');
console.log('\\u001b[96msrc/index.ts\\u001b[0m:1:7 - \\u001b[91merror\\u001b[0m TS2322: no.');
process.exitCode = 1;
`;

function checkout(nx: string): {
  workspace: Workspace;
  journal: Journal;
  lines: string[];
} {
  const root = temporaryFolder();
  writeFiles(root, {
    [NX]: nx,
    'nx.json': '{}',
    'apps/muster/src/main.ts': '',
    'libs/data/src/index.ts': '',
  });
  const workspace = workspaceAt(root);
  const lines: string[] = [];
  const journal = new Journal(workspace.log, (line) => lines.push(line));
  return { workspace, journal, lines };
}

describe('build', () => {
  it('is needed once, again when a source or a result changes, and not else', async () => {
    const { workspace, journal } = checkout(BUILDS);
    expect(buildReason(workspace)).toBe('not built yet');
    await build(workspace, journal);
    expect(buildReason(workspace)).toBe('');

    writeFiles(workspace.root, { 'libs/data/src/new.ts': '' });
    expect(buildReason(workspace)).toBe('sources changed');
    await build(workspace, journal);
    expect(buildReason(workspace)).toBe('');

    rmSync(join(workspace.root, 'libs/data/dist/index.js'));
    expect(buildReason(workspace)).toBe('libs/data/dist/index.js is missing');
  });

  it('that fails prints what the compiler said, and counts as none', async () => {
    const { workspace, journal, lines } = checkout(BUILDS);
    await build(workspace, journal);
    writeFiles(workspace.root, { [NX]: FAILS });
    await expect(build(workspace, journal)).rejects.toMatchObject({
      name: 'SetupError',
      exitCode: 1,
      message: expect.stringMatching(
        /exit code 1.*expected.*setup\.log/,
      ) as unknown,
    });
    expect(lines).toEqual([
      'muster set-up:   @muster/data src/index.ts:1:7 - error TS2322: no.\n',
    ]);
    expect(buildReason(workspace)).toBe('not built yet');
  });
});

describe('compilerErrors', () => {
  it('finds messages only, each with the project it is from', () => {
    const output = [
      '> nx run @muster/data:build  [local cache]',
      'all well',
      '> nx run @muster/model:build',
      'src/a.ts:1:2 - error TS1005: a.',
      '  ~ error of no kind',
      'src/b.ts:3:4 - error TS2300: b.',
    ].join('\n');
    expect(compilerErrors(output)).toEqual([
      '@muster/model src/a.ts:1:2 - error TS1005: a.',
      '@muster/model src/b.ts:3:4 - error TS2300: b.',
    ]);
  });
});
