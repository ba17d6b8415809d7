// tfjs-node's addon, compiled from the package's own C++ files against
// libtensorflow's headers.
// @ts-check
import { dirname, join } from 'node:path';
import { cachedAddon } from '../addon/cached-addon.mjs';
import { nodeHeaders } from '../addon/compiler.mjs';
import { LIBRARIES } from './pinned-wheel.mjs';

/** As tfjs-node's binding.gyp has it; Node-API 8 is in every Node we run on. */
const FLAGS = [
  ...['-std=c++17', '-O2', '-fPIC', '-shared', '-DNAPI_VERSION=8'],
  '-Wl,-rpath,$ORIGIN/../../deps/lib',
];

/** The C++ files of the addon. */
const SOURCES = ['tfjs_backend.cc', 'tfjs_binding.cc'];

/** The addon's file name. */
export const ADDON = 'tfjs_binding.node';

/**
 * Gives the compiled addon's file in the cache, compiling it if need be.
 *
 * @param {import('../addon/cached-addon.mjs').CompileContext} context
 * @param {string} libtensorflow the checked folder of the cache
 * @returns {Promise<{ file: string, problem: string }>} `problem` says why there
 *   is none, '' if there is
 */
export function tfjsAddon(context, libtensorflow) {
  const { tfjsNode } = context.workspace;
  const binding = join(tfjsNode, 'binding');
  const headers = nodeHeaders(context.workspace);
  const libraries = Object.keys(LIBRARIES).map((path) =>
    join(libtensorflow, path),
  );
  return cachedAddon(context, {
    what: "tfjs-node's addon",
    name: ADDON,
    flags: FLAGS,
    includes: [
      join(libtensorflow, 'tensorflow', 'include'),
      dirname(tfjsNode),
      headers,
    ],
    sources: [...SOURCES.map((name) => join(binding, name)), ...libraries],
    keys: Object.values(LIBRARIES),
    keyFolders: [binding, headers],
  });
}
