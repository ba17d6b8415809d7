/**
 * Every limit of a connection and of a listener: named, finite, in one place.
 */
import {
  DEFAULT_FRAME_LIMITS,
  maxFrameBytes,
  type FrameLimits,
} from '@muster/protocol';

/** What one connection may cost this process. */
export interface ConnectionLimits extends FrameLimits {
  /**
   * Bytes that may wait here for a peer to read them. A frame beyond closes
   * the connection, as memory would grow with each step otherwise. Default:
   * four of the longest frames and 1 MiB. Raise it where workers are slow to
   * read and memory is plenty.
   */
  readonly maxBufferedBytes: number;
  /** WebSocket fragments a message. Default 64; our own frames have one. */
  readonly maxFragments: number;
  /**
   * Chunks of the network a message may come in. Default: one for each 512
   * bytes of the longest frame, at least 8192; a TCP segment has about 1400.
   */
  readonly maxBufferedChunks: number;
  /**
   * Milliseconds a peer has to answer a closing handshake; then the socket is
   * destroyed. Default 2000.
   */
  readonly closeTimeoutMs: number;
}

/** What all connections of one listener may cost. */
export interface ListenerLimits extends ConnectionLimits {
  /** Connections in all. Default 1024. */
  readonly maxConnections: number;
  /**
   * Connections from one address. Default 256: one machine's workers. A unix
   * socket counts as one address.
   */
  readonly maxConnectionsPerAddress: number;
  /** Milliseconds from TCP connect to the end of the upgrade request. Default 5000. */
  readonly handshakeTimeoutMs: number;
}

const MIN_BUFFERED_CHUNKS = 8192;
const MIN_BYTES_PER_CHUNK = 512;
const MAX_WAITING_FRAMES = 4;
const WAITING_SLACK_BYTES = 1024 * 1024;

/** Fills in the defaults of a connection. Undefined values count as unset. */
export function connectionLimits(
  given: Settings<ConnectionLimits> = {},
): ConnectionLimits {
  const frame = { ...DEFAULT_FRAME_LIMITS, ...set(given) };
  const frameBytes = maxFrameBytes(frame);
  return {
    maxBufferedBytes: MAX_WAITING_FRAMES * frameBytes + WAITING_SLACK_BYTES,
    maxFragments: 64,
    maxBufferedChunks: Math.max(
      MIN_BUFFERED_CHUNKS,
      Math.ceil(frameBytes / MIN_BYTES_PER_CHUNK),
    ),
    closeTimeoutMs: 2000,
    ...frame,
  };
}

/** Fills in the defaults of a listener. Undefined values count as unset. */
export function listenerLimits(
  given: Settings<ListenerLimits> = {},
): ListenerLimits {
  return {
    maxConnections: 1024,
    maxConnectionsPerAddress: 256,
    handshakeTimeoutMs: 5000,
    ...set(given),
    ...connectionLimits(given),
  };
}

/** The settings of `T`, each of which may be left out. */
export type Settings<T> = { readonly [K in keyof T]?: T[K] | undefined };

function set<T extends object>(settings: Settings<T>): Partial<T> {
  const entries = Object.entries(settings);
  const given = entries.filter(([, value]) => value !== undefined);
  return Object.fromEntries(given) as Partial<T>;
}
