// The C++ compiler that addons are compiled with.
// @ts-check
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { runProgram } from '../child-process.mjs';

/** @typedef {{ command: string, version: string }} Compiler */

/** Why an addon could not be compiled. */
export const NO_COMPILER =
  'no C++ compiler was found (CXX, g++, c++ or clang++)';

/**
 * Finds a C++ compiler: `CXX`, else g++, c++ or clang++.
 *
 * @param {string} cwd
 * @returns {Promise<Compiler | undefined>}
 */
export async function findCompiler(cwd) {
  const candidates = [process.env['CXX'] ?? '', 'g++', 'c++', 'clang++'];
  for (const command of candidates.filter((name) => name !== '')) {
    const outcome = await runProgram(command, ['--version'], {
      cwd,
      timeoutMs: 20_000,
    });
    if (outcome.code !== 0) continue;
    return { command, version: outcome.output.split('\n', 1)[0] ?? '' };
  }
  return undefined;
}

/**
 * The folder of Node's C headers, out of the package node-api-headers.
 *
 * @param {import('../workspace.mjs').Workspace} workspace
 * @returns {string}
 */
export function nodeHeaders(workspace) {
  const require = createRequire(
    join(workspace.root, 'apps', 'muster', 'package.json'),
  );
  return require('node-api-headers').include_dir;
}
