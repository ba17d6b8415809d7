/**
 * A server of data files for specs, which fails as it is told to.
 */
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { chunkDataset } from '@muster/data';
import type { DataManifest } from '@muster/protocol';

/** What a request for a chunk gets instead of the right answer. */
export type Fault =
  | { readonly type: 'cut'; readonly afterBytes: number }
  | { readonly type: 'wrong-byte' }
  | { readonly type: 'too-long' }
  | { readonly type: 'ignore-range' }
  | { readonly type: 'status'; readonly status: number };

/** See the head of this file. */
export class ScriptedDataServer implements AsyncDisposable {
  /** What a worker is told. */
  url = '';
  readonly manifest: DataManifest;
  /** Requests for chunks: the hash and the first byte that was asked for. */
  readonly asked: { readonly hash: string; readonly begin: number }[] = [];
  /** Bodies' bytes that were handed to the system. */
  numSent = 0;
  /** Takes the fault of each request for a chunk from here, in their order. */
  readonly faults: (Fault | undefined)[] = [];
  /** The fault of every request that has none of its own. */
  always: Fault | undefined;
  /** Answers to this come before anything else. */
  onRequest: ((response: ServerResponse) => boolean) | undefined;
  readonly #chunks: ReadonlyMap<string, Uint8Array>;
  readonly #token: string | undefined;
  readonly #server = createServer((request, response) => {
    this.#answer(request, response);
  });

  private constructor(
    manifest: DataManifest,
    chunks: ReadonlyMap<string, Uint8Array>,
    token: string | undefined,
  ) {
    this.manifest = manifest;
    this.#chunks = chunks;
    this.#token = token;
  }

  /** Serves a folder in chunks of this length. */
  static async start(
    folder: string,
    chunkBytes: number,
    token?: string,
  ): Promise<ScriptedDataServer> {
    const { files, ...rest } = await chunkDataset(folder, chunkBytes);
    const chunks = new Map<string, Uint8Array>();
    for (const file of files) {
      const bytes = await readFile(file.path);
      file.chunks.forEach((hash, i) => {
        const at = i * chunkBytes;
        chunks.set(hash, bytes.subarray(at, at + chunkBytes));
      });
    }
    const told = files.map(({ role, bytes, chunks: hashes }) => ({
      ...{ role, bytes, chunks: [...hashes] },
    }));
    const manifest = { ...rest, files: told };
    const server = new ScriptedDataServer(manifest, chunks, token);
    await server.#listen();
    return server;
  }

  /** Bytes of all four files. */
  get numBytes(): number {
    return this.manifest.files.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  async #listen(): Promise<void> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    const { port } = this.#server.address() as AddressInfo;
    this.url = `ws://127.0.0.1:${port}`;
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    if (this.onRequest?.(response) === true) return;
    const { url = '', headers } = request;
    const expected = this.#token && `Bearer ${this.#token}`;
    if (expected !== undefined && headers.authorization !== expected) {
      const body = { code: 'ERR_UNAUTHORIZED', message: 'token wrong' };
      return void response.writeHead(401).end(JSON.stringify(body));
    }
    if (url === '/data/manifest') {
      return void response.end(JSON.stringify(this.manifest));
    }
    const hash = url.slice('/data/'.length);
    const begin = Number(/=(\d+)-$/.exec(headers.range ?? '')?.[1] ?? 0);
    this.asked.push({ hash, begin });
    const fault = this.faults.shift() ?? this.always;
    this.#sendChunk(response, hash, begin, fault);
  }

  #sendChunk(
    response: ServerResponse,
    hash: string,
    begin: number,
    fault: Fault | undefined,
  ): void {
    const whole = this.#chunks.get(hash) ?? new Uint8Array(0);
    if (fault?.type === 'status') {
      return void response.writeHead(fault.status).end();
    }
    const from = fault?.type === 'ignore-range' ? 0 : begin;
    const body = Uint8Array.from(whole.subarray(from));
    if (fault?.type === 'wrong-byte') body[0] = (body[0] ?? 0) ^ 1;
    const sent = fault?.type === 'too-long' ? [...body, 0] : body;
    response.writeHead(from > 0 ? 206 : 200, {
      'Content-Length': sent.length,
      ...(from > 0 && {
        'Content-Range': `bytes ${from}-${whole.length - 1}/${whole.length}`,
      }),
    });
    if (fault?.type !== 'cut') {
      this.numSent += sent.length;
      return void response.end(Buffer.from(sent));
    }
    this.numSent += fault.afterBytes;
    const part = body.subarray(0, fault.afterBytes);
    response.write(part, () => response.destroy());
  }
}
