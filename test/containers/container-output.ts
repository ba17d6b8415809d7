/**
 * What a container has said, out of the engine's stream of it.
 */
import type { Line } from '../cluster/run-files.js';

/** Kind, three zeros, and the length of what follows. */
const HEADER_BYTES = 8;
const STDERR = 2;

/** Takes the engine's stream apart: frames of standard output and error. */
export function demultiplex(stream: Buffer): {
  stdout: string;
  stderr: string;
} {
  const parts: [Buffer[], Buffer[]] = [[], []];
  for (let at = 0; at + HEADER_BYTES <= stream.length; ) {
    const end = at + HEADER_BYTES + stream.readUInt32BE(at + 4);
    const isError = stream[at] === STDERR;
    parts[isError ? 1 : 0].push(stream.subarray(at + HEADER_BYTES, end));
    at = end;
  }
  const [stdout, stderr] = parts.map((all) => Buffer.concat(all).toString());
  return { stdout: stdout ?? '', stderr: stderr ?? '' };
}

/** The lines that are JSON objects; others, and cut-off ones, are none. */
export function jsonLines(text: string): Line[] {
  return text.split('\n').flatMap((line) => {
    if (!line.startsWith('{')) return [];
    try {
      return [JSON.parse(line) as Line];
    } catch {
      return [];
    }
  });
}
