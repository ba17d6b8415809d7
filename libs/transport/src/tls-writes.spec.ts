import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect, createServer } from 'node:tls';
import type { TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestAuthority } from './testing-certificates.js';
import type { TlsOptions } from './tls-files.js';
import { PIECE_BYTES, writeInPieces } from './tls-writes.js';

let authority: TestAuthority;
let tls: TlsOptions;

beforeAll(async () => {
  authority = await TestAuthority.create();
  tls = await authority.options({ commonName: 'server' });
});
afterAll(() => authority[Symbol.asyncDispose]());

/** Two ends of one connection; the first writes in pieces. */
async function pair() {
  const { cert, key, ca } = tls;
  const server = createServer({ cert, key }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const accepted = once(server, 'secureConnection');
  const near = connect({ host: '127.0.0.1', port, ca });
  const [far] = (await accepted) as [TLSSocket];
  near.on('error', () => undefined);
  far.on('error', () => undefined);
  writeInPieces(near);
  const dispose = async () => {
    near.destroy();
    far.destroy();
    await once(server.close(), 'close');
  };
  return { near, far, [Symbol.asyncDispose]: dispose };
}

/** Bytes of which no two places look alike soon. */
function bytes(length: number): Buffer {
  return Buffer.from(
    Array.from({ length }, (_, i) => (i * 31 + i / 256) & 255),
  );
}

/** All that comes until the other side ends. */
async function read(socket: TLSSocket): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of socket) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

describe('writeInPieces', () => {
  it.each([
    [1],
    [PIECE_BYTES - 1],
    [PIECE_BYTES],
    [PIECE_BYTES + 1],
    [3 * PIECE_BYTES],
    [10, 3 * PIECE_BYTES + 7],
    [10, 20, 30],
    [2 * PIECE_BYTES, 5, PIECE_BYTES, 5],
  ])('brings writes of %j bytes over as they are', async (...lengths) => {
    await using ends = await pair();
    const writes = lengths.map(bytes);
    const received = read(ends.far);
    // as ws does: header and payload leave together
    ends.near.cork();
    for (const one of writes) ends.near.write(one);
    ends.near.uncork();
    ends.near.write('and a text');
    ends.near.end();
    const expected = Buffer.concat([...writes, Buffer.from('and a text')]);
    expect((await received).equals(expected)).toBe(true);
  });

  it('calls back once for each write, when it is down', async () => {
    await using ends = await pair();
    const received = read(ends.far);
    const done: number[] = [];
    ends.near.cork();
    ends.near.write(bytes(10), () => done.push(0));
    ends.near.write(bytes(2 * PIECE_BYTES), () => done.push(1));
    ends.near.uncork();
    expect(ends.near.writableLength).toBe(10 + 2 * PIECE_BYTES);
    ends.near.end();
    await received;
    expect(done).toEqual([0, 1]);
    expect(ends.near.writableLength).toBe(0);
  });

  it('fails the write that is going on when the peer is gone', async () => {
    await using ends = await pair();
    const failed = new Promise<Error | null | undefined>((resolve) => {
      // more than the kernel takes: nobody reads
      ends.near.write(Buffer.alloc(64 * PIECE_BYTES), resolve);
    });
    ends.far.destroy();
    expect(await failed).toBeInstanceOf(Error);
  });
});
