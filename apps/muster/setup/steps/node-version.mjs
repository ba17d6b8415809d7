// Which Node versions Muster runs on. Old syntax on purpose: see main.mjs.
// @ts-check

/** The oldest minor version of each major version that all packages run on. */
const OLDEST_MINOR = { 20: 19, 22: 12, 24: 0 };

/**
 * Says in one line what is wrong with a Node version, or '' when it will do.
 *
 * @param {string} version as in `process.versions.node`, without a leading v
 * @returns {string}
 */
export function nodeVersionProblem(version) {
  const numbers = version.split('.').map(Number);
  /** @type {Record<number, number>} */
  const oldest = OLDEST_MINOR;
  const oldestMinor = oldest[numbers[0] || 0];
  if (oldestMinor !== undefined && (numbers[1] || 0) >= oldestMinor) return '';
  return (
    'this is Node ' +
    version +
    ', expected 20 (from 20.19), 22 (from 22.12) or 24: ' +
    'install one of them and run the command again'
  );
}
