// tfjs-node's addon, compiled from the package's own C++ files against
// libtensorflow's headers; kept in the cache for this compiler and sources.
// @ts-check
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { runProgram } from '../child-process.mjs';
import { listFiles, sha256OfFile } from '../stamp.mjs';
import { LIBRARIES } from './pinned-wheel.mjs';

/** How long the compiler may take, in milliseconds; 7 s is usual. */
const COMPILE_LIMIT_MS = 5 * 60_000;

/** As tfjs-node's binding.gyp has it; Node-API 8 is in every Node we run on. */
const FLAGS = [
  ...['-std=c++17', '-O2', '-fPIC', '-shared', '-DNAPI_VERSION=8'],
  '-Wl,-rpath,$ORIGIN/../../deps/lib',
];

/** The C++ files of the addon. */
const SOURCES = ['tfjs_backend.cc', 'tfjs_binding.cc'];

/** The addon's file name. */
export const ADDON = 'tfjs_binding.node';

/** @typedef {{ command: string, version: string }} Compiler */

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
 * Gives the compiled addon's file in the cache, compiling it if need be.
 *
 * @param {object} options
 * @param {Compiler} options.compiler
 * @param {string} options.libtensorflow the checked folder of the cache
 * @param {import('../workspace.mjs').Workspace} options.workspace
 * @param {import('../journal.mjs').Journal} options.journal
 * @returns {Promise<{ file: string, problem: string }>} `problem` says why there
 *   is none, '' if there is
 */
export async function cachedAddon(options) {
  const { workspace, journal } = options;
  const headers = nodeHeaders(workspace);
  const key = addonKey(options.compiler, workspace, headers);
  const file = join(workspace.cache, 'addons', key, ADDON);
  if (await isIntact(file)) return { file, problem: '' };
  journal.say(`compiling tfjs-node's addon (${options.compiler.version})`);
  const work = join(workspace.cache, `compiling-${process.pid}`);
  try {
    await mkdir(work, { recursive: true });
    const problem = await compile(options, headers, join(work, ADDON));
    if (problem !== '') return { file, problem };
    const hash = await sha256OfFile(join(work, ADDON));
    await writeFile(join(work, `${ADDON}.sha256`), `${hash}\n`);
    await rm(dirname(file), { recursive: true, force: true });
    await mkdir(dirname(dirname(file)), { recursive: true });
    await rename(work, dirname(file));
    return { file, problem: '' };
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/**
 * @param {Parameters<typeof cachedAddon>[0]} options
 * @param {string} headers
 * @param {string} target
 * @returns {Promise<string>} '' or why it did not work
 */
async function compile(options, headers, target) {
  const { tfjsNode } = options.workspace;
  const libraries = Object.keys(LIBRARIES).map((path) =>
    join(options.libtensorflow, path),
  );
  const includes = [
    join(options.libtensorflow, 'tensorflow', 'include'),
    dirname(tfjsNode),
    headers,
  ];
  const args = [
    ...FLAGS,
    ...includes.flatMap((path) => ['-I', path]),
    ...['-o', target],
    ...SOURCES.map((name) => join(tfjsNode, 'binding', name)),
    ...libraries,
  ];
  const outcome = await runProgram(options.compiler.command, args, {
    cwd: tfjsNode,
    timeoutMs: COMPILE_LIMIT_MS,
    onOutput: (text) => options.journal.log(text),
  });
  if (outcome.code === 0) return '';
  const error = outcome.output.split('\n').find((line) => /error/.test(line));
  return `the addon did not compile: ${error?.trim() ?? outcome.problem}`;
}

/**
 * Another compiler, another flag or another source is another addon.
 *
 * @param {Compiler} compiler
 * @param {import('../workspace.mjs').Workspace} workspace
 * @param {string} headers
 * @returns {string} 16 hex digits
 */
function addonKey(compiler, workspace, headers) {
  const hash = createHash('sha256');
  const parts = [compiler.version, ...FLAGS, ...Object.values(LIBRARIES)];
  hash.update(parts.join('\n'));
  const folders = [join(workspace.tfjsNode, 'binding'), headers];
  for (const file of folders.flatMap((folder) => listFiles(folder))) {
    hash.update(readFileSync(file));
  }
  return hash.digest('hex').slice(0, 16);
}

/**
 * The folder of Node's C headers, out of the package node-api-headers.
 *
 * @param {import('../workspace.mjs').Workspace} workspace
 * @returns {string}
 */
function nodeHeaders(workspace) {
  const require = createRequire(
    join(workspace.root, 'apps', 'muster', 'package.json'),
  );
  return require('node-api-headers').include_dir;
}

/**
 * @param {string} file
 * @returns {Promise<boolean>} whether it is what was once compiled
 */
async function isIntact(file) {
  if (!existsSync(file) || !existsSync(`${file}.sha256`)) return false;
  const expected = readFileSync(`${file}.sha256`, 'utf8').trim();
  return (await sha256OfFile(file)) === expected;
}
