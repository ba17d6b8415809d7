// The three commands that begin with set-up: set-up alone, `train`, `test`.
// @ts-check
import { existsSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { handleInterruption } from './interruption.mjs';
import { Journal } from './journal.mjs';
import { setUp } from './set-up.mjs';
import { SetupError, firstLineOf } from './setup-error.mjs';
import { runTests } from './steps/run-tests.mjs';
import { workspaceAt } from './workspace.mjs';

const HELP = `Sets Muster up: packages, native library, build. What is done already is skipped.

  npm run setup           set-up alone
  npm start -- [FLAGS]    set-up, then \`muster train FLAGS\`
  npm test -- [FLAGS]     set-up, then all tests (FLAGS go to \`vitest run\`)

  MUSTER_NATIVE=auto|download|wheel|wasm
                          how to get the native library: the first way that works
                          (default), tfjs-node's own download, the tensorflow-cpu
                          Python wheel, or none: the WASM backend, which is slower
  MUSTER_CACHE_DIR=DIR    where downloads are kept (default: ~/.cache/muster)
`;

const NEXT = `next:
  npm start               train the network
  npx muster --help       all commands
  npm test                run the tests
`;

/** The count when set-up failed before any test. */
const NO_TEST_RAN = '0 passed, 1 failed\n';

/**
 * Runs a command of set-up; sets the exit code, never rejects.
 *
 * @param {readonly string[]} args the command's name, then its flags
 * @returns {Promise<void>}
 */
export async function main(args) {
  const [command = 'setup', ...flags] = args;
  if (['help', '--help', '-h'].includes(command)) {
    process.stdout.write(HELP);
    return;
  }
  const workspace = workspaceAt();
  const journal = new Journal(workspace.log);
  const stopHandling = handleInterruption((signal) => {
    journal.say(`stopped by ${signal}`);
  });
  try {
    if (!['setup', 'train', 'test'].includes(command)) {
      const message = `'${command}' is not known, expected train, test, --help or nothing`;
      throw new SetupError('command', message, { exitCode: 2 });
    }
    await setUp(workspace, journal, { isAskedFor: command === 'setup' });
    if (command === 'setup') process.stdout.write(NEXT);
    if (command === 'test') {
      process.exitCode = await runTests(workspace, flags);
    }
    stopHandling();
    if (command === 'train') await runCli(workspace.cli, args);
  } catch (error) {
    report(error, journal);
    // Who reads the last line of `npm test` only must not take this for a pass.
    if (command === 'test') process.stdout.write(NO_TEST_RAN);
  }
}

/**
 * Runs the built command in this process: signals and the exit code are its own.
 *
 * @param {string} cli
 * @param {readonly string[]} args
 * @returns {Promise<void>}
 */
async function runCli(cli, args) {
  if (!existsSync(cli)) {
    const message = `${cli} is missing, expected it from the build: remove node_modules/.cache/muster and run the command again`;
    throw new SetupError('command', message);
  }
  process.argv = [process.execPath, cli, ...args];
  await import(pathToFileURL(cli).href);
}

/**
 * @param {unknown} error
 * @param {Journal} journal
 */
function report(error, journal) {
  if (error instanceof SetupError) {
    journal.say(error.message);
    process.exitCode = error.exitCode;
    return;
  }
  journal.log(error instanceof Error ? (error.stack ?? '') : String(error));
  journal.say(
    `failed unexpectedly: ${firstLineOf(error)} (log: ${journal.file})`,
  );
  process.exitCode = 1;
}
