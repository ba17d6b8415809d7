// Runs all tests with Vitest and ends with the line `N passed, N failed`.
// @ts-check
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pathWithThisNode, runProgram } from '../child-process.mjs';
import { readStamp, removeStamp } from '../stamp.mjs';
import {
  SUMMARY_FILE_VARIABLE,
  concludeSummary,
  summaryText,
} from '../test-summary.mjs';

/**
 * Runs the tests. The last line on stdout is the summary.
 *
 * @param {import('../workspace.mjs').Workspace} workspace
 * @param {readonly string[]} args passed on to `vitest run`
 * @returns {Promise<0 | 1>} the exit code
 */
export async function runTests(workspace, args) {
  mkdirSync(workspace.scratch, { recursive: true });
  const file = join(workspace.scratch, `test-summary-${process.pid}.json`);
  const vitest = join(workspace.modules, 'vitest', 'vitest.mjs');
  const reporter = fileURLToPath(
    new URL('../test-summary.mjs', import.meta.url),
  );
  const options = ['--reporter=default', `--reporter=${reporter}`];
  // A forgotten `.only` must not pass for a run of everything.
  options.push('--allowOnly=false');
  const outcome = await runProgram(
    process.execPath,
    [vitest, 'run', ...options, ...args],
    {
      cwd: workspace.root,
      env: { PATH: pathWithThisNode(), [SUMMARY_FILE_VARIABLE]: file },
      inherit: true,
    },
  );
  const summary = concludeSummary(readStamp(file), outcome.problem);
  removeStamp(file);
  process.stdout.write(summaryText(summary, isSelection(args)));
  return summary.failed === 0 ? 0 : 1;
}

/**
 * @param {readonly string[]} args
 * @returns {boolean} whether tests were picked by name: the others count as
 *   skipped, and are too many to be listed
 */
function isSelection(args) {
  return args.some((arg) => /^(-t|--testNamePattern)(=|$)/.test(arg));
}
