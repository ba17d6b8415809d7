// Last way: no native library, the WASM backend. It comes with the packages, so
// there is nothing to install, only to look whether it is there.
// @ts-check
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { removePlaced } from './place.mjs';

const PACKAGE = '@tensorflow/tfjs-backend-wasm';

/**
 * Settles for the WASM backend.
 *
 * @param {import('./choice.mjs').WayContext} context
 * @returns {Promise<import('./choice.mjs').Attempt>}
 */
export async function settleForWasm({ workspace }) {
  const folder = join(workspace.modules, PACKAGE);
  const wasm = join(folder, 'dist', 'tfjs-backend-wasm-simd.wasm');
  if (!existsSync(wasm)) return { ok: false, reason: `${wasm} is missing` };
  await removePlaced(workspace);
  const { version } = JSON.parse(
    readFileSync(join(folder, 'package.json'), 'utf8'),
  );
  return {
    ok: true,
    reason: 'the WASM backend is always there; it is slower',
    libraryVersion: String(version),
    files: [wasm],
  };
}
