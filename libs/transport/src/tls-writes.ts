/**
 * How a long frame goes through TLS: in pieces, each encrypted while the one
 * before is on its way and the peer decrypts the one before that. By itself
 * Node copies all of a frame into one buffer and encrypts it to its end before
 * the first byte leaves.
 */
import type { TLSSocket } from 'node:tls';

/** Bytes of a piece: 16 records of TLS, which stay in a core's own cache. */
export const PIECE_BYTES = 262_144;

type Done = (error?: Error | null) => void;
/** What a stream gives its `_writev`. */
type Chunks = readonly { chunk: Buffer | string; encoding: BufferEncoding }[];

/** Changes how this socket writes; what the peer reads stays the same. */
export function writeInPieces(socket: TLSSocket): void {
  const writeOne = socket._write.bind(socket);
  const writeAll = socket._writev?.bind(socket);
  const write = (
    chunk: Buffer | string,
    encoding: BufferEncoding,
    done: Done,
  ): void => {
    if (typeof chunk === 'string' || chunk.length <= PIECE_BYTES) {
      return writeOne(chunk, encoding, done);
    }
    const pieces = piecesOf(chunk);
    inTurn(pieces, (piece, next) => writeOne(piece, encoding, next), done);
  };
  const writev = (chunks: Chunks, done: Done): void => {
    const numBytes = chunks.reduce((sum, { chunk }) => sum + chunk.length, 0);
    if (writeAll && numBytes <= PIECE_BYTES) return writeAll([...chunks], done);
    inTurn(
      chunks,
      ({ chunk, encoding }, next) => write(chunk, encoding, next),
      done,
    );
  };
  Object.assign(socket, { _write: write, _writev: writev });
}

/** Views, not copies. */
function piecesOf(chunk: Buffer): Buffer[] {
  return Array.from({ length: Math.ceil(chunk.length / PIECE_BYTES) }, (_, i) =>
    chunk.subarray(i * PIECE_BYTES, (i + 1) * PIECE_BYTES),
  );
}

/** Does one after the other, up to the first that fails. */
function inTurn<T>(
  items: readonly T[],
  act: (item: T, next: Done) => void,
  done: Done,
): void {
  const from = (at: number): void => {
    const item = items[at];
    if (item === undefined) return done();
    act(item, (error) => (error ? done(error) : from(at + 1)));
  };
  from(0);
}
