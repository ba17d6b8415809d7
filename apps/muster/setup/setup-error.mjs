// The one error of set-up: a step that failed, told in one line.
// @ts-check

/**
 * A step that could not be done. The message names the step, what was
 * expected, what came instead, and what to do.
 */
export class SetupError extends Error {
  /**
   * @param {string} step what was being done, e.g. 'packages'
   * @param {string} message lower case, one line: expected, got, what to do
   * @param {{ exitCode?: number, cause?: unknown }} [options] exit code 1
   *   (failure, the default) or 2 (a wrong setting)
   */
  constructor(step, message, options = {}) {
    super(`${step}: ${message}`, { cause: options.cause });
    this.name = 'SetupError';
    this.step = step;
    this.exitCode = options.exitCode ?? 1;
  }
}

/**
 * Gives the first line of any thrown value's message, never its stack.
 *
 * @param {unknown} error
 * @returns {string}
 */
export function firstLineOf(error) {
  const text = error instanceof Error ? error.message : String(error);
  return text.split('\n', 1)[0] ?? '';
}
