/**
 * What both ends tell `ws` and the operating system.
 */
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { maxFrameBytes } from '@muster/protocol';
import type { ConnectionLimits } from './limits.js';
import { writeInPieces } from './tls-writes.js';

/** The kernel asks an idle peer for a sign of life after this time. */
const KEEP_ALIVE_MS = 15_000;

/** What both ends of TLS allow; AES with 128 bits is the cheapest. */
export const TLS_VERSIONS = {
  minVersion: 'TLSv1.3',
  ciphers:
    'TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256',
} as const;

/**
 * Options for `ws`, client and server. Compression stays off: slices are
 * noise to it, and it costs 70 ms a push.
 */
export function socketOptions(limits: ConnectionLimits) {
  return {
    perMessageDeflate: false,
    maxPayload: maxFrameBytes(limits),
    maxFragments: limits.maxFragments,
    maxBufferedChunks: limits.maxBufferedChunks,
    closeTimeout: limits.closeTimeoutMs,
  };
}

/** Small frames leave at once; a peer that is gone is noticed in the end. */
export function tuneSocket(socket: Socket): void {
  socket.setNoDelay(true);
  socket.setKeepAlive(true, KEEP_ALIVE_MS);
  if (socket instanceof TLSSocket) writeInPieces(socket);
}
