// Runs programs for set-up: output into the log, a time limit, and no child
// that outlives set-up, neither after Ctrl-C nor after a time limit.
// @ts-check
import { spawn } from 'node:child_process';
import { dirname, delimiter } from 'node:path';

/** How much of a program's output is kept for messages, in characters. */
const KEPT_OUTPUT = 256 * 1024;

/** How long a program may take to end after SIGTERM, in milliseconds. */
const END_GRACE_MS = 3000;

/** Terminal colours, of no use in messages and the log (ECMA-48, SGR). */
const COLOURS = /\u001b\[[\d;]*m/g;

/** Each child leads a process group of its own, so that the group can be ended. */
const isGrouped = process.platform !== 'win32';

/** @type {Set<import('node:child_process').ChildProcess>} */
const children = new Set();

/** Once all programs are being ended, nobody goes on with what came of them. */
let isEnding = false;

/**
 * What came of a program. `code` is null when it was ended by a signal or never
 * started; `problem` says in a few words why it did not end well, else ''.
 *
 * @typedef {{ code: number | null, output: string, problem: string }} Outcome
 */

/**
 * @typedef {object} RunOptions
 * @property {string} cwd
 * @property {Record<string, string | undefined>} [env] on top of this process's
 * @property {number} [timeoutMs] no limit if absent
 * @property {boolean} [inherit] the program writes to this process's terminal
 * @property {(text: string) => void} [onOutput]
 */

/**
 * Runs a program to its end; never rejects. The wait ends with the program, or
 * at the time limit.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {RunOptions} options
 * @returns {Promise<Outcome>}
 */
export function runProgram(command, args, options) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      stdio: options.inherit ? 'inherit' : ['ignore', 'pipe', 'pipe'],
      detached: isGrouped,
      windowsHide: true,
    });
    children.add(child);
    let output = '';
    let problem = '';
    const keep = (/** @type {Buffer} */ chunk) => {
      const text = chunk.toString().replace(COLOURS, '');
      output = (output + text).slice(-KEPT_OUTPUT);
      options.onOutput?.(text);
    };
    child.stdout?.on('data', keep);
    child.stderr?.on('data', keep);
    const limit = options.timeoutMs
      ? setTimeout(() => {
          problem = `took longer than ${Number(options.timeoutMs) / 1000} s`;
          void endChild(child);
        }, options.timeoutMs)
      : undefined;
    const finish = (/** @type {number | null} */ code) => {
      clearTimeout(limit);
      children.delete(child);
      if (!isEnding) resolve({ code, output, problem });
    };
    child.on('error', (error) => {
      problem ||= error.message;
      finish(null);
    });
    child.on('close', (code, signal) => {
      if (code !== 0) problem ||= signal ?? `exit code ${code}`;
      finish(code);
    });
  });
}

/**
 * Ends all running programs and what they started, for this process is about
 * to exit: whoever waits for one of them waits forever.
 *
 * @param {NodeJS.Signals} [signal]
 * @returns {Promise<void>}
 */
export async function endPrograms(signal = 'SIGTERM') {
  isEnding = true;
  await Promise.all([...children].map((child) => endChild(child, signal)));
}

/**
 * @param {import('node:child_process').ChildProcess} child
 * @param {NodeJS.Signals} [signal]
 * @returns {Promise<void>}
 */
function endChild(child, signal = 'SIGTERM') {
  return new Promise((resolve) => {
    const force = setTimeout(() => signalGroup(child, 'SIGKILL'), END_GRACE_MS);
    child.once('close', () => {
      clearTimeout(force);
      signalGroup(child, 'SIGKILL');
      resolve();
    });
    signalGroup(child, signal);
  });
}

/**
 * @param {import('node:child_process').ChildProcess} child
 * @param {NodeJS.Signals} signal
 */
function signalGroup(child, signal) {
  if (child.pid === undefined) return;
  try {
    process.kill(isGrouped ? -child.pid : child.pid, signal);
  } catch {
    // The group is gone already, which is what was wanted.
  }
}

/**
 * The search path with the running Node first, for programs that start `node`
 * themselves: they are to use the same one.
 *
 * @param {readonly string[]} [before] folders that come even before it
 * @returns {string}
 */
export function pathWithThisNode(before = []) {
  const usual = process.env['PATH'] ?? '';
  return [...before, dirname(process.execPath), usual].join(delimiter);
}
