// The steps of set-up in their order. When nothing is to do, that is told from
// stamps alone: no lock is taken and no program started.
// @ts-check
import { readKernelsRecord } from './kernels-record.mjs';
import { takeLock } from './lock.mjs';
import { nativeChoice } from './native-library/choice.mjs';
import { readNativeRecord } from './native-library/record.mjs';
import { SetupError, firstLineOf } from './setup-error.mjs';
import { build, buildReason } from './steps/build.mjs';
import { kernelsReason, prepareKernels } from './steps/native-kernels.mjs';
import { nativeReason, prepareNativeLibrary } from './steps/native-library.mjs';
import { installPackages, missingPackage } from './steps/packages.mjs';

/** @typedef {import('./workspace.mjs').Workspace} Workspace */
/** @typedef {import('./journal.mjs').Journal} Journal */
/** @typedef {import('./native-library/choice.mjs').Choice} Choice */

/**
 * @typedef {object} Step
 * @property {string} name
 * @property {() => string} reason why it must be done; '' when it is done
 * @property {(reason: string) => Promise<unknown>} perform
 */

/**
 * Brings the checkout to where commands can run.
 *
 * @param {Workspace} workspace
 * @param {Journal} journal
 * @param {{ isAskedFor: boolean }} options set-up was asked for by itself: a
 *   native library that could not be had before is tried for again
 * @returns {Promise<void>}
 * @throws {SetupError} when a step fails
 */
export async function setUp(workspace, journal, { isAskedFor }) {
  const choice = nativeChoice();
  const steps = createSteps(workspace, journal, choice, isAskedFor);
  if (steps.some((step) => reasonOf(step) !== '')) {
    const release = await takeLock(workspace.lock, {
      onWait: ({ pid }) => {
        journal.say(`waiting for another set-up here (process ${pid})`);
      },
    });
    try {
      journal.begin();
      for (const step of steps) await performStep(step, journal);
    } finally {
      release();
    }
  }
  journal.say(readyLine(workspace));
}

/**
 * @param {Workspace} workspace
 * @param {Journal} journal
 * @param {Choice} choice
 * @param {boolean} isAskedFor
 * @returns {Step[]}
 */
function createSteps(workspace, journal, choice, isAskedFor) {
  return [
    {
      name: 'packages',
      reason: () => missingPackage(workspace),
      perform: (reason) =>
        journal.timed(
          `installing packages with npm ci (${reason})`,
          () => installPackages(workspace, journal),
          () => 'packages installed',
        ),
    },
    {
      name: 'native library',
      reason: () =>
        nativeReason(workspace, choice) ||
        (isAskedFor ? retryReason(workspace, choice) : ''),
      perform: (reason) =>
        journal.timed(
          `preparing the native library (${reason})`,
          () => prepareNativeLibrary({ workspace, journal }, choice),
          (record) =>
            `native library: ${nativeName(record)} by ${record.way}: ${record.reason}`,
        ),
    },
    {
      name: 'native kernels',
      reason: () =>
        kernelsReason(workspace) ||
        (isAskedFor ? kernelsRetryReason(workspace) : ''),
      perform: (reason) =>
        journal.timed(
          `compiling the native kernels (${reason})`,
          () => prepareKernels({ workspace, journal }),
          ({ problem }) =>
            problem === ''
              ? 'native kernels compiled'
              : `no native kernels, WebAssembly does their work: ${problem}`,
        ),
    },
    {
      name: 'build',
      reason: () => buildReason(workspace),
      perform: (reason) =>
        journal.timed(
          `building with Nx (${reason})`,
          () => build(workspace, journal),
          () => 'built',
        ),
    },
  ];
}

/**
 * @param {Step} step
 * @param {Journal} journal
 */
async function performStep(step, journal) {
  // Asked again: another set-up may have done it while this one waited.
  const reason = reasonOf(step);
  if (reason === '') return;
  try {
    await step.perform(reason);
  } catch (error) {
    if (error instanceof SetupError) throw error;
    journal.log(error instanceof Error ? (error.stack ?? '') : String(error));
    throw asSetupError(step, error, journal.file);
  }
}

/**
 * @param {Step} step
 * @returns {string}
 */
function reasonOf(step) {
  try {
    return step.reason();
  } catch (error) {
    throw asSetupError(step, error, 'no log was written');
  }
}

/**
 * @param {Step} step
 * @param {unknown} error
 * @param {string} log
 */
function asSetupError(step, error, log) {
  const message = `failed unexpectedly: ${firstLineOf(error)} (log: ${log})`;
  return new SetupError(step.name, message, { cause: error });
}

/**
 * @param {import('./native-library/record.d.mts').NativeRecord} record
 * @returns {string} e.g. 'libtensorflow 2.12.1'
 */
function nativeName({ library, libraryVersion }) {
  return `${library} ${libraryVersion}`;
}

/**
 * @param {Workspace} workspace
 * @param {Choice} choice
 * @returns {string}
 */
function retryReason(workspace, choice) {
  const hasNone = readNativeRecord(workspace)?.way === 'wasm';
  return hasNone && choice === 'auto' ? 'trying again for it' : '';
}

/**
 * @param {Workspace} workspace
 * @returns {string}
 */
function kernelsRetryReason(workspace) {
  const hasNone = readKernelsRecord(workspace)?.problem !== '';
  return hasNone ? 'trying again for them' : '';
}

/**
 * @param {Workspace} workspace
 * @returns {string}
 */
function readyLine(workspace) {
  const record = readNativeRecord(workspace);
  const hint =
    record?.way === 'wasm' && record.choice === 'auto'
      ? '; slower, `npm run setup` tries the native library again'
      : '';
  return `ready: Node ${process.versions.node}, ${record ? nativeName(record) : ''}${hint}`;
}
