/**
 * The run's data from a server: chunk by chunk into the cache, from whichever
 * server answers, for as long as bytes come. What is there is not asked for
 * again, neither after a cut (within a chunk) nor after a restart (of whole
 * chunks).
 */
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { usualName } from '@muster/data';
import {
  DATA_MANIFEST_PATH,
  MusterError,
  dataChunkPath,
  parseDataManifest,
  toMusterError,
} from '@muster/protocol';
import type { DataFile, DataManifest } from '@muster/protocol';
import { HttpSession, backoffDelayMs } from '@muster/transport';
import type { TlsOptions } from '@muster/transport';
import { PartialFile, sha256 } from './partial-file.js';

/** Longest silence of a server before another one is asked. */
const TIMEOUT_MS = 10_000;
/** Waits between attempts. */
const BACKOFF = { baseMs: 50, capMs: 1000 };
/** Far above the manifest of the largest data set. */
const MAX_MANIFEST_BYTES = 1024 * 1024;

/** What to download, whence and where to. */
export interface DownloadOptions {
  /** Of the run's data. */
  readonly fingerprint: string;
  /** The data set's own folder in the cache. */
  readonly folder: string;
  /** The servers that are known by now, the likeliest first. */
  readonly urls: () => readonly string[];
  readonly readToken: () => Promise<string | undefined>;
  /** @throws MusterError `ERR_CONFIG`, `ERR_TLS`. */
  readonly readTls: () => TlsOptions | undefined;
  /** How long to go on while no byte comes. Milliseconds. */
  readonly giveUpAfterMs: number;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  readonly onRetry: (error: MusterError, delayMs: number) => void;
  readonly signal: AbortSignal;
}

/**
 * Downloads what is missing of the four files.
 * @returns how many bytes came.
 * @throws MusterError `ERR_DATASET_MISMATCH` when no server gives the data,
 *   `ERR_DATASET_CORRUPT` when what came is not what its hash says,
 *   `ERR_CONFIG` when the cache cannot be written, else what the last attempt
 *   ended with; the signal's own reason.
 */
export async function downloadDataset(
  options: DownloadOptions,
): Promise<number> {
  return await new Download(options).run();
}

class Download {
  readonly #options: DownloadOptions;
  /** Servers that trying again cannot mend, and why. */
  readonly #hopeless = new Map<string, MusterError>();
  /** Where each file begins: workers that share a cache begin elsewhere. */
  readonly #first = new Map<string, number>();
  #numBytes = 0;
  #lastByteMs = performance.now();
  /** The chunk that is coming. */
  #chunk = { hash: '', bytes: Buffer.alloc(0), filled: 0 };

  constructor(options: DownloadOptions) {
    this.#options = options;
  }

  async run(): Promise<number> {
    const { urls, random, onRetry, signal } = this.#options;
    let attempt = 0;
    for (let turn = 0; ; turn++) {
      const all = urls();
      const before = this.#numBytes;
      const error = await this.#tryFrom(all[turn % all.length] ?? '');
      if (error === undefined) return this.#numBytes;
      if (this.#numBytes > before) attempt = 0;
      this.#checkHope(all, error);
      const delayMs = backoffDelayMs(attempt++, random, BACKOFF);
      onRetry(error, delayMs);
      await pause(delayMs, undefined, { signal });
    }
  }

  /** @throws MusterError when there is no point in another attempt. */
  #checkHope(all: readonly string[], error: MusterError): void {
    const { giveUpAfterMs } = this.#options;
    if (all.every((url) => this.#hopeless.has(url))) throw error;
    const silentMs = performance.now() - this.#lastByteMs;
    if (silentMs < giveUpAfterMs) return;
    const [hopeless] = this.#hopeless.values();
    const { code, message } = hopeless ?? error;
    const text = `${message}; gave up after ${Math.round(silentMs)} ms without data (--connect-timeout-ms)`;
    throw new MusterError(code, text, { cause: error });
  }

  /** @throws the signal's reason; what no server can mend. */
  async #tryFrom(url: string): Promise<MusterError | undefined> {
    const { signal, readToken, readTls } = this.#options;
    const [token, tls] = [await readToken(), readTls()];
    try {
      using session = new HttpSession({
        ...{ url, token, tls, signal },
        timeoutMs: TIMEOUT_MS,
      });
      const { files, chunkBytes } = await this.#manifest(session);
      for (const file of files) await this.#fill(session, file, chunkBytes);
      return undefined;
    } catch (thrown) {
      signal.throwIfAborted();
      const error = toMusterError(thrown);
      if (error.code === 'ERR_CONFIG') throw error;
      if (!error.retryable) this.#hopeless.set(url, error);
      return error;
    }
  }

  async #manifest(session: HttpSession): Promise<DataManifest> {
    const { fingerprint } = this.#options;
    const answer = await session.get(DATA_MANIFEST_PATH);
    const pieces: Uint8Array[] = [];
    let length = 0;
    for await (const piece of answer.body) {
      length += piece.byteLength;
      if (length > MAX_MANIFEST_BYTES) throw tooLong(session, 'data files');
      pieces.push(piece);
    }
    const manifest = parseDataManifest(Buffer.concat(pieces).toString('utf8'));
    if (manifest.fingerprint === fingerprint) return manifest;
    throw new MusterError(
      'ERR_DATASET_MISMATCH',
      `${session.name} gives out data with fingerprint ${manifest.fingerprint.slice(0, 12)}, expected ${fingerprint.slice(0, 12)}`,
    );
  }

  /** Completes one file, unless it is whole. */
  async #fill(
    session: HttpSession,
    { role, bytes, chunks }: DataFile,
    chunkBytes: number,
  ): Promise<void> {
    const { folder, random } = this.#options;
    const path = join(folder, usualName(role));
    await using file = await PartialFile.open(path, chunks);
    if (file === undefined) return;
    const first = this.#first.get(role) ?? Math.floor(random() * chunks.length);
    this.#first.set(role, first);
    for (let i = 0; i < chunks.length; i++) {
      const index = (first + i) % chunks.length;
      const hash = chunks[index] ?? '';
      const offset = index * chunkBytes;
      const length = Math.min(chunkBytes, bytes - offset);
      if (await file.holds(offset, length, hash)) continue;
      const chunk = await this.#download(session, hash, length, role);
      await file.write(chunk, offset);
    }
    await file.finish();
  }

  /** Gets a chunk, or the rest of it. */
  async #download(
    session: HttpSession,
    hash: string,
    length: number,
    role: string,
  ): Promise<Uint8Array> {
    if (this.#chunk.hash !== hash) {
      this.#chunk = { hash, bytes: Buffer.allocUnsafe(length), filled: 0 };
    }
    const chunk = this.#chunk;
    const { begin, body } = await session.get(
      dataChunkPath(hash),
      chunk.filled,
    );
    // a server that knows no ranges begins again
    if (begin === 0) chunk.filled = 0;
    if (begin !== chunk.filled) throw tooLong(session, `chunk ${hash}`);
    for await (const piece of body) {
      if (chunk.filled + piece.byteLength > length) {
        throw tooLong(session, `chunk ${hash}`);
      }
      chunk.bytes.set(piece, chunk.filled);
      chunk.filled += piece.byteLength;
      this.#numBytes += piece.byteLength;
      this.#lastByteMs = performance.now();
    }
    return this.#checked(session, length, role);
  }

  /** Takes the chunk that has come, if it is whole and the right one. */
  #checked(session: HttpSession, length: number, role: string): Uint8Array {
    const { hash, bytes, filled } = this.#chunk;
    if (filled < length) {
      throw new MusterError(
        'ERR_CONNECTION_LOST',
        `${session.name} sent ${filled} bytes of chunk ${hash}, expected ${length}`,
      );
    }
    this.#chunk = { hash: '', bytes: Buffer.alloc(0), filled: 0 };
    const got = sha256(bytes);
    if (got === hash) return bytes;
    throw new MusterError(
      'ERR_DATASET_CORRUPT',
      `${session.name} sent wrong bytes of ${role}: expected a chunk with SHA-256 ${hash}, got ${got}`,
    );
  }
}

function tooLong(session: HttpSession, what: string): MusterError {
  const message = `${session.name} sent other bytes of ${what} than were asked for`;
  return new MusterError('ERR_MALFORMED_MESSAGE', message);
}
