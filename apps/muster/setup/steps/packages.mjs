// The packages of package-lock.json in node_modules: told complete without
// starting npm, installed with `npm ci` otherwise.
// @ts-check
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathWithThisNode, runProgram } from '../child-process.mjs';
import { SetupError } from '../setup-error.mjs';

/** @typedef {import('../workspace.mjs').Workspace} Workspace */
/** @typedef {{ version?: string, optional?: boolean, link?: boolean }} Entry */
/** @typedef {Record<string, Entry>} Entries the `packages` of a lock file */

/** What npm's error codes mean to the person who ran it. */
const CAUSES = /** @type {const} */ ([
  [
    /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH/,
    'the package registry cannot be reached: check the network, the proxy and `npm config get registry`',
  ],
  [
    /CERT|SELF_SIGNED|UNABLE_TO_GET_ISSUER/,
    'the registry shows a certificate that is not trusted: check `npm config get cafile`',
  ],
  [/\bE40[13]\b/, 'the registry wants other credentials: try `npm login`'],
  [/\bE404\b/, 'the registry lacks a package: check `npm config get registry`'],
  [/ENOSPC/, 'the disk is full'],
  [/EACCES|EPERM/, 'a file may not be written: check who owns this folder'],
  [
    /EINTEGRITY/,
    'a package is not the one in package-lock.json: try `npm cache clean --force`',
  ],
  [
    /EUSAGE|in sync/,
    'package.json and package-lock.json differ: `npm install` brings them together',
  ],
]);

/**
 * Says what node_modules lacks of package-lock.json, or '' when it is complete.
 * About 20 ms: two files are read, and each package's folder is looked for.
 *
 * @param {Workspace} workspace
 * @returns {string}
 */
export function missingPackage(workspace) {
  const wanted = readEntries(join(workspace.root, 'package-lock.json'));
  if (wanted === undefined) return 'package-lock.json cannot be read';
  const file = join(workspace.modules, '.package-lock.json');
  const installed = readEntries(file);
  if (installed === undefined) return 'node_modules is missing';
  const difference = firstDifference(wanted, installed);
  if (difference !== '') return difference;
  const lost = Object.keys(installed).find(
    (path) => !existsSync(join(workspace.root, path)),
  );
  return lost === undefined ? '' : `${lost} is missing`;
}

/**
 * Names the first package that is wanted and not installed in that version.
 * Optional ones may be absent: they belong to other systems.
 *
 * @param {Entries} wanted
 * @param {Entries} installed
 * @returns {string} '' if there is none
 */
export function firstDifference(wanted, installed) {
  for (const [path, entry] of Object.entries(wanted)) {
    if (!path.includes('node_modules/')) continue;
    const found = installed[path];
    if (found === undefined) {
      if (!entry.optional) return `${path} is not installed`;
    } else if (found.version !== entry.version) {
      return `${path} is ${found.version}, expected ${entry.version}`;
    }
  }
  return '';
}

/**
 * Installs the packages, with the user's own npm settings.
 *
 * @param {Workspace} workspace
 * @param {import('../journal.mjs').Journal} journal
 * @returns {Promise<void>}
 * @throws {SetupError} when npm is missing or fails, with the cause in words
 */
export async function installPackages(workspace, journal) {
  const [command, ...before] = npmCommand();
  // Without --include=dev a production setting would leave the build tools out.
  const args = [...before, 'ci', '--include=dev', '--no-audit', '--no-fund'];
  journal.log(`> ${command} ${args.join(' ')}`);
  const outcome = await runProgram(command, args, {
    cwd: workspace.root,
    env: { PATH: pathWithThisNode() },
    onOutput: (text) => journal.log(text),
  });
  if (outcome.code === 0) {
    const missing = missingPackage(workspace);
    if (missing === '') return;
    throw new SetupError(
      'packages',
      `\`npm ci\` ended well, but ${missing}; expected all of package-lock.json; ` +
        `remove node_modules and run the command again (log: ${journal.file})`,
    );
  }
  throw new SetupError('packages', failureText(outcome, journal.file));
}

/**
 * @param {import('../child-process.mjs').Outcome} outcome
 * @param {string} log
 * @returns {string}
 */
function failureText(outcome, log) {
  if (outcome.problem.includes('ENOENT')) {
    return 'npm was not found, expected it beside Node: install npm and run the command again';
  }
  const cause = causeOf(outcome.output);
  return `\`npm ci\` failed (${outcome.problem}): ${cause} (log: ${log})`;
}

/**
 * Finds in npm's output why it failed.
 *
 * @param {string} output
 * @returns {string}
 */
export function causeOf(output) {
  const errors = output
    .split('\n')
    .filter((line) => /^npm (error|ERR!) /.test(line))
    .map((line) => line.replace(/^npm (error|ERR!) /, '').trim());
  const telling = errors.filter(
    (line) => !/^((code|errno|syscall) .*)?$/.test(line),
  );
  const known = CAUSES.find(([pattern]) => pattern.test(errors.join('\n')));
  const said = telling[0] ?? errors[0] ?? '';
  if (known === undefined) return said || 'npm did not say why';
  return said === '' ? known[1] : `${known[1]}; npm says: ${said}`;
}

/**
 * How to run npm: the one that runs us, the one beside this Node, or the one
 * on the search path.
 *
 * @returns {[string, ...string[]]}
 */
function npmCommand() {
  const own = dirname(process.execPath);
  const tail = ['node_modules', 'npm', 'bin', 'npm-cli.js'];
  const found = [
    process.env['npm_execpath'] ?? '',
    join(own, '..', 'lib', ...tail),
    join(own, ...tail),
  ].find((path) => path.endsWith('npm-cli.js') && existsSync(path));
  return found === undefined ? ['npm'] : [process.execPath, found];
}

/**
 * @param {string} file a lock file
 * @returns {Entries | undefined}
 */
function readEntries(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages;
  } catch {
    return undefined;
  }
}
