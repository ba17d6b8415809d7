/**
 * Log lines that a process without a log file writes to standard error.
 */
import type { Line } from '../cluster/run-files.js';

/** Gives those that are JSON, in their order; the last may be half written. */
export function linesOf(output: string): Line[] {
  return output
    .split('\n')
    .slice(0, -1)
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Line);
}
