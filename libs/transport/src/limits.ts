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
  /** WebSocket fragments a message. Default 8; our own frames have one. */
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

/** What all connections of one listener may cost, and those at its door. */
export interface ListenerLimits extends ConnectionLimits {
  /** Connections in all. Default 1024. */
  readonly maxConnections: number;
  /**
   * Connections from one address. Default 256: one machine's workers. A unix
   * socket counts as one address, and so does a /64 network of IPv6.
   */
  readonly maxConnectionsPerAddress: number;
  /**
   * Milliseconds from TCP connect to the end of the upgrade request, TLS
   * included. Default 2000. Raise it for workers behind slow lines.
   */
  readonly handshakeTimeoutMs: number;
  /**
   * Sockets that have not shown a token yet. Default 256. Beyond that, the
   * oldest one of the address that holds most of them is destroyed.
   */
  readonly maxHandshakes: number;
  /** Bytes of an upgrade request. Default 8192; ours has about 400. */
  readonly maxRequestBytes: number;
  /** Headers of an upgrade request that are read. Default 32; ours has 8. */
  readonly maxRequestHeaders: number;
  /**
   * Requests with a missing or wrong token that an address has in a window;
   * then it is refused unread until the window is over. Default 30.
   */
  readonly maxFailedLogins: number;
  /** That window, from the first failure. Milliseconds, default 60,000. */
  readonly failedLoginWindowMs: number;
  /**
   * Milliseconds that a peer which has shown its token has for its first
   * frame. Default 10,000.
   */
  readonly firstFrameTimeoutMs: number;
  /**
   * Slowest a peer may send a frame that it has begun, and take bytes that
   * wait for it. Bytes a second over `slowWindowMs`, default 1024; 0 takes
   * any speed. Lower it for very slow lines.
   */
  readonly minBytesPerSecond: number;
  /** Milliseconds over which that speed is measured. Default 10,000. */
  readonly slowWindowMs: number;
  /** Frames, pings and pongs a second of one peer. Default 10,000. */
  readonly maxFramesPerSecond: number;
}

/** Limits that a person can set, and by which flag. */
const FLAGS: Readonly<Partial<Record<keyof ListenerLimits, string>>> = {
  maxConnections: '--max-connections',
  maxConnectionsPerAddress: '--max-connections-per-address',
  handshakeTimeoutMs: '--handshake-timeout-ms',
  maxFailedLogins: '--max-failed-logins',
  minBytesPerSecond: '--min-bytes-per-second',
};

/** A limit as messages name it: by its flag, if there is one. */
export function namedLimit(name: keyof ListenerLimits): string {
  return FLAGS[name] ?? name;
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
    maxFragments: 8,
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
    handshakeTimeoutMs: 2000,
    maxHandshakes: 256,
    maxRequestBytes: 8192,
    maxRequestHeaders: 32,
    maxFailedLogins: 30,
    failedLoginWindowMs: 60_000,
    firstFrameTimeoutMs: 10_000,
    minBytesPerSecond: 1024,
    slowWindowMs: 10_000,
    maxFramesPerSecond: 10_000,
    ...set(given),
    ...connectionLimits(given),
  };
}

/** The settings of `T`, each of which may be left out. */
export type Settings<T> = { readonly [K in keyof T]?: T[K] | undefined };

/** Those that are given. */
export function set<T extends object>(settings: Settings<T>): Partial<T> {
  const entries = Object.entries(settings);
  const given = entries.filter(([, value]) => value !== undefined);
  return Object.fromEntries(given) as Partial<T>;
}
