/**
 * Part of a file as the body of an answer: one piece at a time in one buffer,
 * at the common rate, for as long as the reader reads.
 */
import { open } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import type { RateLimit } from './rate-limit.js';

/** The buffer of an answer, and the longest piece. */
const PIECE_BYTES = 128 * 1024;
/** Pieces a second at a low rate, so that nobody waits long for a turn. */
const PIECES_PER_SECOND = 32;
/** Waits below this are not worth a timer: they are made up for later. */
const MIN_PAUSE_MS = 5;
/** A reader may keep one answer waiting for so many silences in all. */
const MAX_SILENCES = 12;

/** What to send, and how fast. */
export interface FilePart {
  readonly path: string;
  /** First byte in the file, and one behind the last. */
  readonly begin: number;
  readonly end: number;
  readonly limit: RateLimit;
  readonly bytesPerSecond: number;
  /** A reader that takes nothing for so long is cut off. Milliseconds. */
  readonly maxSilenceMs: number;
  /** Hears of each piece when the system has taken it. */
  readonly onSent: (numBytes: number) => void;
}

/**
 * Sends the part and ends the answer, whose headers say how long it is. A
 * reader that is gone or too slow ends it early, as does a file that has
 * become shorter: the connection is cut, so nobody takes it for whole.
 */
export async function sendFile(
  response: ServerResponse,
  part: FilePart,
): Promise<void> {
  const { path, end, limit, maxSilenceMs } = part;
  await using file = await open(path);
  const buffer = Buffer.allocUnsafe(pieceBytes(part.bytesPerSecond));
  response.setTimeout(maxSilenceMs, () => void response.destroy());
  const gone = new AbortController();
  const { signal } = gone;
  const closed = new Promise<void>((resolve) => {
    response.once('close', resolve);
  });
  void closed.then(() => gone.abort());
  let readerMs = 0;
  for (let at = part.begin; at < end; ) {
    const wanted = Math.min(buffer.length, end - at);
    const { bytesRead } = await file.read(buffer, 0, wanted, at);
    const pauseMs = limit.book(bytesRead, performance.now());
    if (pauseMs >= MIN_PAUSE_MS) {
      await pause(pauseMs, undefined, { signal }).catch(() => undefined);
    }
    if (response.destroyed || bytesRead === 0) return void response.destroy();
    const startMs = performance.now();
    const piece = buffer.subarray(0, bytesRead);
    await Promise.race([write(response, piece), closed]);
    readerMs += performance.now() - startMs;
    if (response.destroyed || readerMs > MAX_SILENCES * maxSilenceMs) {
      return void response.destroy();
    }
    part.onSent(bytesRead);
    at += bytesRead;
  }
  response.end();
}

/** Resolves when the system has taken the piece, or the answer is over. */
function write(response: ServerResponse, piece: Uint8Array): Promise<void> {
  return new Promise((resolve) => response.write(piece, () => resolve()));
}

function pieceBytes(bytesPerSecond: number): number {
  const bytes = Math.floor(bytesPerSecond / PIECES_PER_SECOND);
  return Math.max(1, Math.min(PIECE_BYTES, bytes));
}
