// Addons for Node, compiled from C++; kept in the cache for this compiler,
// these flags and these sources.
// @ts-check
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { runProgram } from '../child-process.mjs';
import { listFiles, sha256OfFile } from '../stamp.mjs';

/** How long the compiler may take, in milliseconds; 7 s is usual. */
const COMPILE_LIMIT_MS = 5 * 60_000;

/**
 * What an addon is made of. Another flag or another file is another addon.
 *
 * @typedef {object} AddonSource
 * @property {string} what for messages: `tfjs-node's addon`
 * @property {string} name the addon's file name
 * @property {readonly string[]} flags
 * @property {readonly string[]} includes folders of headers
 * @property {readonly string[]} sources C++ files, and libraries to link
 * @property {readonly string[]} keys what else the result depends on
 * @property {readonly string[]} keyFolders files in them are part of it
 */

/**
 * @typedef {object} CompileContext
 * @property {import('./compiler.mjs').Compiler} compiler
 * @property {import('../workspace.mjs').Workspace} workspace
 * @property {import('../journal.mjs').Journal} journal
 */

/**
 * Gives the compiled addon's file in the cache, compiling it if need be. The
 * caller has the cache's lock.
 *
 * @param {CompileContext} context
 * @param {AddonSource} source
 * @returns {Promise<{ file: string, problem: string }>} `problem` says why there
 *   is none, '' if there is
 */
export async function cachedAddon(context, source) {
  const { workspace, journal, compiler } = context;
  const { name } = source;
  const key = addonKey(compiler, source);
  const file = join(workspace.cache, 'addons', key, name);
  if (await isIntact(file)) return { file, problem: '' };
  journal.say(`compiling ${source.what} (${compiler.version})`);
  const work = join(workspace.cache, `compiling-${process.pid}`);
  try {
    await mkdir(work, { recursive: true });
    const problem = await compile(context, source, join(work, name));
    if (problem !== '') return { file, problem };
    const hash = await sha256OfFile(join(work, name));
    await writeFile(join(work, `${name}.sha256`), `${hash}\n`);
    await rm(dirname(file), { recursive: true, force: true });
    await mkdir(dirname(dirname(file)), { recursive: true });
    await rename(work, dirname(file));
    return { file, problem: '' };
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/**
 * @param {CompileContext} context
 * @param {AddonSource} source
 * @param {string} target
 * @returns {Promise<string>} '' or why it did not work
 */
async function compile({ compiler, workspace, journal }, source, target) {
  const args = [
    ...source.flags,
    ...source.includes.flatMap((path) => ['-I', path]),
    ...['-o', target],
    ...source.sources,
  ];
  const outcome = await runProgram(compiler.command, args, {
    cwd: workspace.root,
    timeoutMs: COMPILE_LIMIT_MS,
    onOutput: (text) => journal.log(text),
  });
  if (outcome.code === 0) return '';
  const error = outcome.output.split('\n').find((line) => /error/.test(line));
  return `${source.what} did not compile: ${error?.trim() ?? outcome.problem}`;
}

/**
 * @param {import('./compiler.mjs').Compiler} compiler
 * @param {AddonSource} source
 * @returns {string} 16 hex digits
 */
function addonKey(compiler, { flags, keys, keyFolders }) {
  const hash = createHash('sha256');
  hash.update([compiler.version, ...flags, ...keys].join('\n'));
  for (const file of keyFolders.flatMap((folder) => listFiles(folder))) {
    hash.update(readFileSync(file));
  }
  return hash.digest('hex').slice(0, 16);
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
