// The native kernels are compiled once for their sources; a machine that
// cannot is set up all the same. The compiler is a program of the test.
import { chmodSync, existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { Journal } from './journal.mjs';
import { readKernelsRecord } from './kernels-record.mjs';
import { kernelsReason, prepareKernels } from './steps/native-kernels.mjs';
import { temporaryFolder, writeFiles } from './temporary-folder.js';
import { type Workspace, workspaceAt } from './workspace.mjs';

const ADDONS = ['model', 'optimizer', 'transport'].map(
  (library) => `libs/${library}/native/dist/addon.node`,
);

/** Counts its calls in `calls`, and writes the file after `-o`. */
const WORKING = `if [ "$1" = --version ]; then echo 'cc 1'; exit; fi
echo "$*" >> "$(dirname "$0")/calls"
while [ "$1" != -o ]; do shift; done
echo compiled > "$2"`;
const FAILING = `if [ "$1" = --version ]; then echo 'cc 1'; exit; fi
echo 'kernels.cc:1: error: no such thing' >&2
exit 1`;

function checkoutWith(compiler: string) {
  const root = temporaryFolder();
  writeFiles(root, {
    'apps/muster/package.json': '{}',
    'node_modules/node-api-headers/index.js':
      'exports.include_dir = __dirname;\n',
    'tools/native/arguments.h': '// shared',
    'libs/model/native/kernels.cc': '// model',
    'libs/optimizer/native/kernels.cc': '// optimizer',
    'libs/transport/native/shared-memory.cc': '// transport',
    'bin/cc': `#!/bin/sh\n${compiler}\n`,
  });
  chmodSync(join(root, 'bin/cc'), 0o755);
  vi.stubEnv('CXX', join(root, 'bin/cc'));
  onTestFinished(() => {
    vi.unstubAllEnvs();
  });
  const workspace = workspaceAt(root, {
    MUSTER_CACHE_DIR: join(root, 'cache'),
  });
  const journal = new Journal(join(root, 'log'), () => undefined);
  const calls = (): string[] => {
    const file = join(root, 'bin/calls');
    if (!existsSync(file)) return [];
    return readFileSync(file, 'utf8').trim().split('\n');
  };
  return { root, workspace, journal, calls };
}

const isThere = ({ root }: Workspace): boolean[] =>
  ADDONS.map((path) => existsSync(join(root, path)));

const missing =
  process.arch === 'x64'
    ? ''
    : ` (skipped: there are none for ${process.arch})`;

describe.skipIf(missing !== '')(`the native kernels${missing}`, () => {
  it('are compiled for their sources, without fused operations', async () => {
    const { workspace, journal, calls } = checkoutWith(WORKING);
    expect(kernelsReason(workspace)).toBe('not tried yet');
    await prepareKernels({ workspace, journal });
    expect(isThere(workspace)).toEqual([true, true, true]);
    expect(kernelsReason(workspace)).toBe('');
    expect(calls()).toHaveLength(3);
    for (const call of calls()) expect(call).toContain('-ffp-contract=off');
    expect(readKernelsRecord(workspace)).toMatchObject({
      problem: '',
      files: ADDONS.map((path) => ({ path, bytes: 9 })),
    });
  });

  it('come out of the cache for sources that were compiled before', async () => {
    const { root, workspace, journal, calls } = checkoutWith(WORKING);
    await prepareKernels({ workspace, journal });
    rmSync(join(root, ADDONS[0] ?? ''));
    expect(kernelsReason(workspace)).toBe(`${ADDONS[0]} is missing`);
    await prepareKernels({ workspace, journal });
    expect(isThere(workspace)).toEqual([true, true, true]);
    expect(calls()).toHaveLength(3);
    writeFiles(root, { 'libs/model/native/kernels.cc': '// another model' });
    expect(kernelsReason(workspace)).toBe('sources changed');
    await prepareKernels({ workspace, journal });
    expect(calls()).toHaveLength(4);
  });

  it('are done without where they do not compile, and not tried again', async () => {
    const { workspace, journal } = checkoutWith(FAILING);
    const { problem } = await prepareKernels({ workspace, journal });
    expect(problem).toBe(
      'the native kernels of model did not compile: kernels.cc:1: error: no such thing',
    );
    expect(isThere(workspace)).toEqual([false, false, false]);
    expect(kernelsReason(workspace)).toBe('');
    expect(readKernelsRecord(workspace)).toMatchObject({ problem, files: [] });
  });

  it('are done without where there is no compiler', async () => {
    const { root, workspace, journal } = checkoutWith(FAILING);
    vi.stubEnv('CXX', '');
    vi.stubEnv('PATH', join(root, 'nothing'));
    const { problem } = await prepareKernels({ workspace, journal });
    expect(problem).toContain('no C++ compiler was found');
    expect(kernelsReason(workspace)).toBe('');
  });
});
