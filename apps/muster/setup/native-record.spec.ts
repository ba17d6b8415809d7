// When a recorded native library is taken as ready, and when it is not.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  type NativeRecord,
  preparationKey,
  readNativeRecord,
  writeNativeRecord,
} from './native-library/record.mjs';
import { nativeReason } from './steps/native-library.mjs';
import { temporaryFolder, writeFiles } from './temporary-folder.js';
import { type Workspace, workspaceAt } from './workspace.mjs';

const ADDON = 'node_modules/@tensorflow/tfjs-node/lib/addon.node';

function prepared(change: Partial<NativeRecord> = {}): Workspace {
  const root = temporaryFolder();
  writeFiles(root, {
    [ADDON]: '12345',
    'node_modules/@tensorflow/tfjs-node/package.json': '{"version":"4.22.0"}',
  });
  const workspace = workspaceAt(root);
  writeNativeRecord(workspace, {
    way: 'wheel',
    reason: 'it works',
    library: 'libtensorflow',
    libraryVersion: '2.12.1',
    tried: [],
    choice: 'auto',
    key: preparationKey(workspace),
    verifiedWith: [process.version],
    files: [{ path: ADDON, bytes: 5 }],
    ...change,
  });
  return workspace;
}

describe('nativeReason', () => {
  it('is none for a whole record of this system and this Node', () => {
    expect(nativeReason(prepared(), 'auto')).toBe('');
    expect(nativeReason(prepared(), 'wheel')).toBe('');
  });

  it('is that nothing was prepared, when the record is missing or damaged', () => {
    const workspace = prepared();
    writeFiles(workspace.state, { 'native.json': '{"way":' });
    expect(nativeReason(workspace, 'auto')).toBe('not prepared yet');
    expect(readNativeRecord(workspace)).toBeUndefined();
  });

  it('is another tfjs-node', () => {
    const workspace = prepared();
    writeFiles(workspace.tfjsNode, { 'package.json': '{"version":"5.0.0"}' });
    expect(nativeReason(workspace, 'auto')).toMatch(
      /prepared for tfjs-node@4\.22\.0 .*this is tfjs-node@5\.0\.0/,
    );
  });

  it('is a file that is gone or has another size', () => {
    const workspace = prepared();
    writeFiles(workspace.root, { [ADDON]: '1234' });
    expect(nativeReason(workspace, 'auto')).toBe('files of it are missing');
    rmSync(join(workspace.root, ADDON));
    expect(nativeReason(workspace, 'auto')).toBe('files of it are missing');
  });

  it('is a Node it was never loaded with, unless it is the WASM backend', () => {
    const other = prepared({ verifiedWith: ['v1.0.0'] });
    expect(nativeReason(other, 'auto')).toContain(process.version);
    const wasm = prepared({ way: 'wasm', verifiedWith: ['v1.0.0'] });
    expect(nativeReason(wasm, 'auto')).toBe('');
  });

  it('is a choice that would end elsewhere', () => {
    expect(nativeReason(prepared(), 'wasm')).toContain('MUSTER_NATIVE is wasm');
    // WASM that was forced before is not what 'auto' would have come to.
    const forced = prepared({ way: 'wasm', choice: 'wasm' });
    expect(nativeReason(forced, 'auto')).toContain('MUSTER_NATIVE is auto');
    expect(nativeReason(forced, 'wasm')).toBe('');
    // A native library that was forced is as good as one that was found.
    expect(nativeReason(prepared({ choice: 'wheel' }), 'auto')).toBe('');
  });
});
