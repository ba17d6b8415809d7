// Proves that the native library loads and computes before set-up calls it
// installed.
// @ts-check
import { fileURLToPath } from 'node:url';
import { runProgram } from '../child-process.mjs';

/** How long loading and one product may take, in milliseconds; 1 s is usual. */
const VERIFY_LIMIT_MS = 60_000;

/** [[1 2] [3 4]] x [[5 6] [7 8]]: 1*5+2*7, 1*6+2*8, 3*5+4*7, 3*6+4*8. */
const PRODUCT = '19,22,43,50';

/**
 * Loads tfjs-node in a process of its own and multiplies two matrices.
 *
 * @param {import('./choice.mjs').WayContext} context
 * @returns {Promise<{ libraryVersion: string, problem: string }>} `problem` is ''
 *   when it works; the version is libtensorflow's, e.g. '2.12.1'
 */
export async function verifyNativeLibrary({ workspace, journal }) {
  const program = fileURLToPath(new URL('verify-child.mjs', import.meta.url));
  const outcome = await runProgram(
    process.execPath,
    [program, workspace.tfjsNode],
    {
      cwd: workspace.root,
      env: { TF_CPP_MIN_LOG_LEVEL: '3', NODE_OPTIONS: '' },
      timeoutMs: VERIFY_LIMIT_MS,
      onOutput: (text) => journal.log(text),
    },
  );
  if (outcome.code !== 0)
    return { libraryVersion: '', problem: problemOf(outcome) };
  const line = outcome.output
    .split('\n')
    .find((text) => text.startsWith('{"product"'));
  if (line === undefined) {
    return { libraryVersion: '', problem: 'it loads, but gives no product' };
  }
  const found = JSON.parse(line);
  if (found.backend !== 'tensorflow' || String(found.product) !== PRODUCT) {
    const problem = `it computes ${String(found.product)}, expected ${PRODUCT}`;
    return { libraryVersion: '', problem };
  }
  return { libraryVersion: String(found.version), problem: '' };
}

/**
 * @param {import('../child-process.mjs').Outcome} outcome
 * @returns {string}
 */
function problemOf(outcome) {
  if (outcome.problem === 'SIGILL') {
    return 'this processor lacks instructions that the library uses (AVX)';
  }
  const error = outcome.output
    .split('\n')
    .find((line) => /^\S*Error: /.test(line));
  return `it does not load: ${error ?? outcome.problem}`;
}
