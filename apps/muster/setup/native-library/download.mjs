// First way to the native library: what tfjs-node's own install step does, that
// is download libtensorflow and a compiled addon. What it brought is kept in
// the cache with its hashes, so that the next `npm ci` costs no download.
// @ts-check
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { request } from 'node:https';
import { join, relative } from 'node:path';
import { pathWithThisNode, runProgram } from '../child-process.mjs';
import { takeLock } from '../lock.mjs';
import { listFiles, readStamp, sha256OfFile, writeStamp } from '../stamp.mjs';
import { ADDON } from './addon.mjs';
import { hashProblem } from './libtensorflow.mjs';
import { addonFolder, placeFile, removePlaced } from './place.mjs';
import { tfjsNodeVersion } from './record.mjs';

/** Where tfjs-node downloads from, unless its own settings say otherwise. */
const HOST = 'https://storage.googleapis.com/';

/** How long the host may take to answer at all, in milliseconds. */
const PROBE_LIMIT_MS = 3000;

/** How long tfjs-node's install step may take, in milliseconds. */
const INSTALL_LIMIT_MS = 10 * 60_000;

/** Settings of tfjs-node and of proxies: with them the host is not probed. */
const ROUTES = [
  'TFJS_NODE_CDN_STORAGE',
  'TFJS_NODE_BASE_URI',
  'CDN_STORAGE',
  'npm_config_TFJS_NODE_CDN_STORAGE',
  'npm_config_TFJS_NODE_BASE_URI',
  'HTTPS_PROXY',
  'https_proxy',
];

/** @typedef {import('../workspace.mjs').Workspace} Workspace */
/** @typedef {import('./choice.mjs').Attempt} Attempt */

/**
 * Installs the library by this way.
 *
 * @param {import('./choice.mjs').WayContext} context
 * @returns {Promise<Attempt>}
 */
export async function installByDownload({ workspace, journal }) {
  const kept = await placeKept(workspace);
  if (kept !== undefined) return kept;
  const isRouted = ROUTES.some((name) => process.env[name]);
  const unreachable = isRouted ? '' : await probe(HOST);
  if (unreachable !== '') return { ok: false, reason: unreachable };
  journal.say(`downloading libtensorflow by tfjs-node's own install step`);
  // The step takes what it finds for its own: it must find nothing.
  await removePlaced(workspace);
  const problem = await runInstallStep(workspace, journal);
  if (problem !== '') {
    await removePlaced(workspace);
    return { ok: false, reason: problem };
  }
  return {
    ok: true,
    reason: `by tfjs-node's own download`,
    files: placedFiles(workspace),
  };
}

/**
 * Keeps what the install step brought, once it was seen to work.
 *
 * @param {Workspace} workspace
 * @returns {Promise<void>}
 */
export async function keepDownloaded(workspace) {
  const kept = keptFolder(workspace);
  if (existsSync(kept)) return;
  await mkdir(workspace.cache, { recursive: true });
  const release = await takeLock(join(workspace.cache, 'cache.lock'));
  const work = `${kept}.${process.pid}`;
  try {
    /** @type {Record<string, string>} */
    const hashes = {};
    for (const file of placedFiles(workspace)) {
      const path = relative(workspace.tfjsNode, file);
      await placeFile(file, join(work, path));
      hashes[path] = await sha256OfFile(file);
    }
    writeStamp(join(work, 'hashes.json'), hashes);
    if (!existsSync(kept)) await rename(work, kept);
  } finally {
    await rm(work, { recursive: true, force: true });
    release();
  }
}

/**
 * @param {Workspace} workspace
 * @returns {Promise<Attempt | undefined>} undefined if nothing whole is kept
 */
async function placeKept(workspace) {
  const kept = keptFolder(workspace);
  const hashes = readStamp(join(kept, 'hashes.json'));
  if (typeof hashes !== 'object' || hashes === null) return undefined;
  const known = /** @type {Record<string, string>} */ (hashes);
  if ((await hashProblem(kept, known)) !== '') {
    await rm(kept, { recursive: true, force: true });
    return undefined;
  }
  for (const path of Object.keys(known)) {
    await placeFile(join(kept, path), join(workspace.tfjsNode, path));
  }
  return {
    ok: true,
    reason: `by tfjs-node's own download, kept from an earlier one, its hashes checked`,
    files: placedFiles(workspace),
  };
}

/**
 * Runs the install step. It rewrites its package.json while it works, so that
 * file is put back whatever happens.
 *
 * @param {Workspace} workspace
 * @param {import('../journal.mjs').Journal} journal
 * @returns {Promise<string>} '' or why it did not work
 */
async function runInstallStep(workspace, journal) {
  const packageFile = join(workspace.tfjsNode, 'package.json');
  const original = readFileSync(packageFile);
  const bins = [workspace.tfjsNode, workspace.root].map((folder) =>
    join(folder, 'node_modules', '.bin'),
  );
  const outcome = await runProgram(process.execPath, ['scripts/install.js'], {
    cwd: workspace.tfjsNode,
    env: { PATH: pathWithThisNode(bins) },
    timeoutMs: INSTALL_LIMIT_MS,
    onOutput: (text) => journal.log(text),
  });
  writeFileSync(packageFile, original);
  if (outcome.code !== 0) {
    const said = outcome.output
      .split('\n')
      .find((line) => /\b(Error|error|ERR!?)\b.*:/.test(line));
    return `tfjs-node's install step failed: ${said?.trim() ?? outcome.problem}`;
  }
  const addon = join(addonFolder(workspace), ADDON);
  return existsSync(addon) ? '' : `tfjs-node's install step made no ${addon}`;
}

/**
 * Asks whether a host answers at all.
 *
 * @param {string} url
 * @returns {Promise<string>} '' or why not
 */
function probe(url) {
  const { host } = new URL(url);
  return new Promise((resolve) => {
    const probing = request(url, { method: 'HEAD' }, (response) => {
      response.resume();
      resolve('');
    });
    probing.on('error', (error) => {
      const code = 'code' in error ? String(error.code) : error.message;
      resolve(`${host} cannot be reached (${code})`);
    });
    setTimeout(() => {
      resolve(`${host} did not answer within ${PROBE_LIMIT_MS / 1000} s`);
      probing.destroy();
    }, PROBE_LIMIT_MS).unref();
    probing.end();
  });
}

/**
 * @param {Workspace} workspace
 * @returns {string[]} the libraries and the addon, without headers
 */
function placedFiles(workspace) {
  return [join('deps', 'lib'), 'lib'].flatMap((folder) =>
    listFiles(join(workspace.tfjsNode, folder)),
  );
}

/** @param {Workspace} workspace */
function keptFolder(workspace) {
  const system = `${process.platform}-${process.arch}`;
  const name = `tfjs-node-${tfjsNodeVersion(workspace)}-${system}`;
  return join(workspace.cache, name);
}
