// The TypeScript projects, built with Nx; skipped without starting Nx when no
// source changed since the last build and its results are there.
// @ts-check
import { existsSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { pathWithThisNode, runProgram } from '../child-process.mjs';
import { SetupError } from '../setup-error.mjs';
import {
  fingerprintFiles,
  listFiles,
  readStamp,
  removeStamp,
  writeStamp,
} from '../stamp.mjs';

/** @typedef {import('../workspace.mjs').Workspace} Workspace */

/** Files of the root that a build depends on. */
const SHARED = [
  'nx.json',
  'tools/build-assembly.mjs',
  'tools/webassembly.d.ts',
  'package-lock.json',
  'tsconfig.base.json',
  'tsconfig.json',
];

/** How many of the compiler's messages are printed. */
const SHOWN_LINES = 20;

/**
 * Says why a build is needed, or '' when it is not. About 20 ms.
 *
 * @param {Workspace} workspace
 * @returns {string}
 */
export function buildReason(workspace) {
  const stamp = readStamp(stampFile(workspace));
  if (!isBuildStamp(stamp)) return 'not built yet';
  if (stamp.sources !== sourceFingerprint(workspace)) return 'sources changed';
  const lost = stamp.results.find(
    (path) => !existsSync(join(workspace.root, path)),
  );
  return lost === undefined ? '' : `${lost} is missing`;
}

/**
 * Builds all projects that run (not the tests).
 *
 * @param {Workspace} workspace
 * @param {import('../journal.mjs').Journal} journal
 * @returns {Promise<void>}
 * @throws {SetupError} when a project does not build; its messages are printed
 */
export async function build(workspace, journal) {
  removeStamp(stampFile(workspace));
  // Taken before the build: what is edited meanwhile is built next time.
  const sources = sourceFingerprint(workspace);
  const nx = join(workspace.modules, 'nx', 'dist', 'bin', 'nx.js');
  const args = ['run-many', '-t', 'build', '--exclude=@muster/test'];
  const outcome = await runProgram(
    process.execPath,
    [nx, ...args, '--outputStyle=static'],
    {
      cwd: workspace.root,
      env: {
        PATH: pathWithThisNode(),
        NX_DAEMON: 'false',
        NX_TUI: 'false',
        NX_NO_CLOUD: 'true',
        NX_INTERACTIVE: 'false',
      },
      onOutput: (text) => journal.log(text),
    },
  );
  if (outcome.code !== 0) throw buildError(outcome, journal);
  writeStamp(stampFile(workspace), { sources, results: results(workspace) });
}

/**
 * @param {import('../child-process.mjs').Outcome} outcome
 * @param {import('../journal.mjs').Journal} journal
 * @returns {SetupError}
 */
function buildError(outcome, journal) {
  const errors = compilerErrors(outcome.output);
  const shown = errors.slice(0, SHOWN_LINES);
  for (const line of shown) journal.say(`  ${line}`);
  const where =
    shown.length > 0
      ? `${shown.length} of ${errors.length} messages are above`
      : 'it gave no message of the compiler';
  return new SetupError(
    'build',
    `\`nx run-many -t build\` failed (${outcome.problem}), expected every project to build: ` +
      `${where} (log: ${journal.file})`,
  );
}

/**
 * Finds the compiler's messages in the output of Nx, each with its project
 * before it: the compiler itself names files from the project's folder.
 *
 * @param {string} output
 * @returns {string[]}
 */
export function compilerErrors(output) {
  /** @type {string[]} */
  const errors = [];
  let project = '';
  for (const line of output.split('\n')) {
    project = /^> nx run (\S+):/.exec(line.trim())?.[1] ?? project;
    if (/\berror TS\d+:/.test(line)) errors.push(`${project} ${line.trim()}`);
  }
  return errors;
}

/**
 * @param {Workspace} workspace
 * @returns {string}
 */
function sourceFingerprint(workspace) {
  const files = projectFolders(workspace).flatMap((project) => [
    join(project, 'package.json'),
    join(project, 'tsconfig.json'),
    ...listFiles(join(project, 'src')),
  ]);
  const shared = SHARED.map((name) => join(workspace.root, name));
  return fingerprintFiles(workspace.root, [...shared, ...files]);
}

/**
 * @param {Workspace} workspace
 * @returns {string[]} paths from the root
 */
function results(workspace) {
  return projectFolders(workspace)
    .flatMap((project) => listFiles(join(project, 'dist')))
    .filter((file) => file.endsWith('.js'))
    .map((file) => relative(workspace.root, file));
}

/**
 * @param {Workspace} workspace
 * @returns {string[]}
 */
function projectFolders(workspace) {
  return ['apps', 'libs'].flatMap((group) => {
    const folder = join(workspace.root, group);
    return readdirSync(folder).map((name) => join(folder, name));
  });
}

/** @param {Workspace} workspace */
function stampFile(workspace) {
  return join(workspace.state, 'build.json');
}

/**
 * @param {unknown} value
 * @returns {value is { sources: string, results: string[] }}
 */
function isBuildStamp(value) {
  return (
    typeof value === 'object' &&
    value !== null &&
    'sources' in value &&
    'results' in value &&
    Array.isArray(value.results)
  );
}
