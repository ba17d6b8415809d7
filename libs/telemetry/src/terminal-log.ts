/**
 * Where the lines of a process go that was started by hand in a terminal:
 * standard error, in words.
 */
import { parseLogLine } from './log-line.js';
import type { LogLine } from './log-line.js';
import { hasColour, logText } from './log-text.js';

/** The part of a stream that is written to. */
interface Terminal {
  readonly isTTY?: boolean | undefined;
  write(text: string): unknown;
}

/** Length of the clock in an ISO time: `19:25:28.547`. */
const [CLOCK_BEGIN, CLOCK_END] = [11, 23];

/** Gives what pino writes its JSON lines to. */
export function terminalLog(
  output: Terminal,
  env: NodeJS.ProcessEnv,
): { write(text: string): void } {
  return {
    write: (text) => {
      const line = parseLogLine(text);
      if (line === undefined) return void output.write(text);
      const shown = logText(line, {
        time: String(line.fields['time']).slice(CLOCK_BEGIN, CLOCK_END),
        who: whoseIs(line),
        known: line.fields['name'] === 'worker' ? ['workerId'] : [],
        hasColour: hasColour(output, env),
      });
      output.write(`${shown}\n`);
    },
  };
}

/** `worker-0`, `parameter-server 1`: what every line of a process is bound to. */
function whoseIs({ fields }: LogLine): string {
  const { name, workerId, server } = fields;
  if (name === 'worker') return String(workerId);
  return typeof server === 'number'
    ? `${String(name)} ${server}`
    : String(name);
}
