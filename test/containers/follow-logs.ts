/**
 * Waiting for what a container writes, by one `docker logs` that follows it:
 * asking again and again would cost a process each time.
 */
import { spawn } from 'node:child_process';
import { linesOf } from './docker.js';

/** One line of a log. */
export type Line = Readonly<Record<string, unknown>>;

/** The lines of a log among everything that a process wrote. */
export function logLines(text: string): Line[] {
  return linesOf(text)
    .filter((line) => line.startsWith('{') && line.endsWith('}'))
    .map((line) => JSON.parse(line) as Line);
}

/**
 * Follows a container's log until a condition on all of it holds.
 * @param what completes "waited for ..." in the error.
 * @param deadlineMs end of the wait, milliseconds.
 * @throws Error when the deadline has passed, or the container has ended and
 *   the condition does not hold; with the end of what it wrote.
 */
export function followLogs(
  id: string,
  what: string,
  holds: (lines: readonly Line[]) => boolean,
  deadlineMs = 120_000,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn('docker', ['logs', '--follow', id]);
    let text = '';
    const timer = setTimeout(() => child.kill(), deadlineMs);
    const hear = (more: string) => {
      text += more;
      if (holds(logLines(text))) child.kill();
    };
    child.stdout.setEncoding('utf8').on('data', hear);
    child.stderr.setEncoding('utf8').on('data', hear);
    child.once('error', reject);
    child.once('close', () => {
      clearTimeout(timer);
      if (holds(logLines(text))) return resolve();
      reject(new Error(`waited for ${what}\n${text.slice(-4000)}`));
    });
  });
}
