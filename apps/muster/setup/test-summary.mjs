// What the tests came to: a Vitest reporter that counts and writes the counts
// to a file, and the lines that `npm test` ends with. Whoever reads the last
// line only must not be told less than the truth, so everything that is not a
// passed or skipped test counts as failed: a file that does not load, a hook
// or an error outside any test, a test that was never finished, an empty run.
// @ts-check
import { writeStamp } from './stamp.mjs';

/** The environment variable with the file that the counts go to. */
export const SUMMARY_FILE_VARIABLE = 'MUSTER_TEST_SUMMARY';

/**
 * @typedef {object} Summary
 * @property {number} passed
 * @property {number} failed
 * @property {{ name: string, reason: string }[]} skipped
 * @property {string[]} problems failures that are no failed test, in words
 */

/**
 * The parts of Vitest's report that are counted (`TestModule` in its API).
 *
 * @typedef {{ result(): { state: string, note?: string | undefined }, fullName: string }} Test
 * @typedef {{ errors(): readonly { message: string }[], fullName?: string }} Suite
 * @typedef {Suite & { moduleId: string, relativeModuleId?: string, children: {
 *   allTests(): Iterable<Test>, allSuites(): Iterable<Suite> } }} Module
 */

/** Writes the counts at the end of a run. */
export default class TestSummaryReporter {
  /**
   * @param {readonly Module[]} modules
   * @param {readonly { message?: string }[]} unhandledErrors
   */
  onTestRunEnd(modules, unhandledErrors) {
    const file = process.env[SUMMARY_FILE_VARIABLE];
    if (file) writeStamp(file, summarize(modules, unhandledErrors));
  }
}

/**
 * Counts a run.
 *
 * @param {readonly Module[]} modules
 * @param {readonly { message?: string }[]} unhandledErrors
 * @returns {Summary}
 */
export function summarize(modules, unhandledErrors) {
  /** @type {Summary} */
  const summary = { passed: 0, failed: 0, skipped: [], problems: [] };
  for (const module of modules) countModule(module, summary);
  for (const error of unhandledErrors) {
    addProblem(summary, `error outside any test: ${firstLine(error.message)}`);
  }
  return summary;
}

/**
 * @param {Module} module
 * @param {Summary} summary
 */
function countModule(module, summary) {
  const file = module.relativeModuleId ?? module.moduleId;
  for (const suite of [module, ...module.children.allSuites()]) {
    for (const error of suite.errors()) {
      const where = [file, suite.fullName].filter(Boolean).join(' > ');
      addProblem(summary, `${where}: ${firstLine(error.message)}`);
    }
  }
  for (const test of module.children.allTests()) {
    const { state, note } = test.result();
    const name = `${file} > ${test.fullName}`;
    if (state === 'passed') summary.passed += 1;
    else if (state === 'failed') summary.failed += 1;
    else if (state === 'skipped') {
      summary.skipped.push({ name, reason: note ?? '' });
    } else addProblem(summary, `${name}: was not finished`);
  }
}

/**
 * Adds what only the end of the process tells.
 *
 * @param {unknown} counted what the reporter wrote, undefined if nothing
 * @param {string} problem why Vitest did not end well, '' if it did
 * @returns {Summary}
 */
export function concludeSummary(counted, problem) {
  const summary = isSummary(counted)
    ? counted
    : { passed: 0, failed: 0, skipped: [], problems: [] };
  if (!isSummary(counted)) {
    addProblem(summary, `the tests did not run to their end (${problem})`);
  } else if (problem !== '' && summary.failed === 0) {
    addProblem(summary, `the test run failed (${problem})`);
  }
  if (summary.passed + summary.failed === 0) {
    addProblem(summary, 'no test ran');
  }
  return summary;
}

/**
 * The lines at the end of `npm test`; the last is the count.
 *
 * @param {Summary} summary
 * @param {boolean} [isSelection] tests were picked by name: skipped ones are
 *   counted, not listed
 * @returns {string}
 */
export function summaryText(summary, isSelection = false) {
  const skipped = isSelection ? [] : summary.skipped;
  const lines = [
    ...skipped.map(
      ({ name, reason }) => `skipped: ${name} (${reason || 'no reason given'})`,
    ),
    ...summary.problems.map((problem) => `failed: ${problem}`),
    summaryLine(summary),
  ];
  return `${lines.join('\n')}\n`;
}

/**
 * @param {Summary} summary
 * @returns {string} `N passed, N failed`, and `, N skipped` if any
 */
export function summaryLine({ passed, failed, skipped }) {
  const tail = skipped.length > 0 ? `, ${skipped.length} skipped` : '';
  return `${passed} passed, ${failed} failed${tail}`;
}

/**
 * @param {Summary} summary
 * @param {string} problem
 */
function addProblem(summary, problem) {
  summary.failed += 1;
  summary.problems.push(problem);
}

/** @param {string | undefined} text */
function firstLine(text) {
  return (text ?? 'no message').split('\n', 1)[0] ?? '';
}

/**
 * @param {unknown} value
 * @returns {value is Summary}
 */
function isSummary(value) {
  return typeof value === 'object' && value !== null && 'passed' in value;
}
