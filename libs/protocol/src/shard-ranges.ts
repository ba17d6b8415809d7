/**
 * Which keys of the flat parameter vector belong to which server.
 */
import { MusterError } from './errors.js';

/** A part of the flat parameter vector. */
export interface KeyRange {
  /** First element. */
  readonly begin: number;
  /** First element after it. */
  readonly end: number;
}

/** Elements that stay together: a cache line of float32. */
const BLOCK = 16;

/**
 * Cuts `[0, numParameters)` into a range a server: in order, without a gap,
 * none empty, each beginning at a multiple of 16, their sizes equal up to 16
 * elements. With b blocks and K servers, server k begins at block
 * floor(k b / K); the last block, which may be short, is then in one of the
 * larger ranges.
 * @throws MusterError `ERR_CONFIG` when there are more servers than blocks.
 */
export function shardRanges(
  numParameters: number,
  numServers: number,
): readonly KeyRange[] {
  const numBlocks = Math.ceil(numParameters / BLOCK);
  if (numServers < 1 || numServers > numBlocks) {
    throw new MusterError(
      'ERR_CONFIG',
      `--servers: expected from 1 to ${numBlocks} servers for a network of ${numParameters} parameters (${BLOCK} each at least), got ${numServers}`,
    );
  }
  const begins = Array.from(
    { length: numServers },
    (_, server) => Math.floor((server * numBlocks) / numServers) * BLOCK,
  );
  return begins.map((begin, server) => ({
    begin,
    end: begins[server + 1] ?? numParameters,
  }));
}
