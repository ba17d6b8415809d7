// The three ways to the native library in their order: the first that works is
// taken, and each that was passed over is remembered with its reason.
// @ts-check
import { SetupError } from '../setup-error.mjs';

/** @typedef {import('./record.d.mts').NativeWay} NativeWay */
/** @typedef {'auto' | NativeWay} Choice */

/**
 * @typedef {object} WayContext
 * @property {import('../workspace.mjs').Workspace} workspace
 * @property {import('../journal.mjs').Journal} journal
 */

/**
 * What came of a way: the files it put in place (absolute paths), or why it
 * does not work here. `libraryVersion` is absent when loading it will tell.
 *
 * @typedef {{ ok: true, reason: string, files: string[], libraryVersion?: string }
 *   | { ok: false, reason: string }} Attempt
 */

/**
 * @typedef {object} Way
 * @property {NativeWay} way
 * @property {(context: WayContext) => Promise<Attempt>} attempt
 */

/**
 * @typedef {object} Chosen
 * @property {NativeWay} way
 * @property {string} reason
 * @property {string} libraryVersion
 * @property {string[]} files
 * @property {{ way: NativeWay, reason: string }[]} tried
 */

/** @type {readonly Choice[]} */
const CHOICES = ['auto', 'download', 'wheel', 'wasm'];

/**
 * Reads `MUSTER_NATIVE`.
 *
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {Choice}
 * @throws {SetupError} exit code 2, when it is none of the four
 */
export function nativeChoice(env = process.env) {
  const value = env['MUSTER_NATIVE'] || 'auto';
  const choice = CHOICES.find((name) => name === value);
  if (choice !== undefined) return choice;
  throw new SetupError(
    'native library',
    `MUSTER_NATIVE is '${value}', expected ${CHOICES.join(', ')}`,
    { exitCode: 2 },
  );
}

/**
 * Takes the first way that works; with a choice other than 'auto', that one or
 * none.
 *
 * @param {object} options
 * @param {Choice} options.choice
 * @param {readonly Way[]} options.ways in the order to try
 * @param {(context: WayContext) => Promise<{ libraryVersion: string, problem: string }>}
 *   options.verify loads what a way installed, unless the way names its version
 * @param {() => Promise<void>} options.clear takes away what does not work
 * @param {WayContext} options.context
 * @returns {Promise<Chosen>}
 * @throws {SetupError} when none works, naming each reason
 */
export async function chooseWay(options) {
  const { choice, context } = options;
  /** @type {Chosen['tried']} */
  const tried = [];
  for (const { way, attempt } of options.ways) {
    if (choice !== 'auto' && choice !== way) continue;
    const result = await attemptSafely(attempt, context);
    const outcome = result.ok ? await settle(result, options) : result;
    if (outcome.ok) return { ...outcome.settled, way, tried };
    tried.push({ way, reason: outcome.reason });
    context.journal.say(`native library: not by ${way}: ${outcome.reason}`);
  }
  throw new SetupError('native library', noneText(choice, tried));
}

/**
 * @param {Choice} choice
 * @param {Chosen['tried']} tried
 * @returns {string}
 */
function noneText(choice, tried) {
  const reasons = tried.map(({ way, reason }) => `${way}: ${reason}`);
  const advice =
    choice === 'auto'
      ? 'remove node_modules and run the command again'
      : `MUSTER_NATIVE=${choice} allows no other; unset it to take the first way that works`;
  return `expected a way that works, got none (${reasons.join('; ')}): ${advice}`;
}

/**
 * @param {Extract<Attempt, { ok: true }>} result
 * @param {Parameters<typeof chooseWay>[0]} options
 * @returns {Promise<{ ok: true, settled: Omit<Chosen, 'way' | 'tried'> }
 *   | { ok: false, reason: string }>}
 */
async function settle(result, options) {
  const { reason, files, libraryVersion: known } = result;
  const { libraryVersion, problem } =
    known === undefined
      ? await options.verify(options.context)
      : { libraryVersion: known, problem: '' };
  if (problem === '') {
    return { ok: true, settled: { reason, files, libraryVersion } };
  }
  await options.clear();
  return { ok: false, reason: `installed, but ${problem}` };
}

/**
 * A way that throws is a way that does not work: the next one may.
 *
 * @param {Way['attempt']} attempt
 * @param {WayContext} context
 * @returns {Promise<Attempt>}
 */
async function attemptSafely(attempt, context) {
  try {
    return await attempt(context);
  } catch (error) {
    const { message, stack } =
      error instanceof Error ? error : new Error(String(error));
    context.journal.log(stack ?? message);
    return { ok: false, reason: message.split('\n', 1)[0] ?? '' };
  }
}
