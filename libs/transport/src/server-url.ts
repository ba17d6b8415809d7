/**
 * Where a server is: the URL a person gives, and what is dialled for it.
 */
import { MusterError } from '@muster/protocol';

/** The path of the WebSocket endpoint on a server's port. */
export const ENDPOINT_PATH = '/muster';

/** What to dial. */
export interface ServerTarget {
  /** As messages name it: without user name and password. */
  readonly name: string;
  /** WebSocket URL with the endpoint's path. */
  readonly url: string;
  /** File of a unix socket that takes the place of host and port. */
  readonly socketPath: string | undefined;
  /**
   * Whether the bytes stay on this machine or inside TLS, so that no proxy
   * can read them: then the WebSocket mask may be zero.
   */
  readonly isPrivate: boolean;
}

const UNIX_URL = /^(?:ws\+)?unix:(?:\/\/)?(\/.+)$/;

/** Addresses that mean every interface, and what reaches them from here. */
const WILDCARDS: Readonly<Record<string, string>> = {
  '0.0.0.0': '127.0.0.1',
  '::': '::1',
};

/**
 * Reads `ws://host:port`, `wss://host:port`, or `ws+unix:/path` (also
 * `unix:/path`) for a unix socket. A path of its own, as a reverse proxy may
 * need, is kept.
 *
 * @throws MusterError ERR_CONFIG
 */
export function parseServerUrl(text: string): ServerTarget {
  const socketPath = UNIX_URL.exec(text)?.[1];
  if (socketPath !== undefined) {
    const url = `ws://localhost${ENDPOINT_PATH}`;
    return { name: unixUrl(socketPath), url, socketPath, isPrivate: true };
  }
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !['ws:', 'wss:'].includes(url.protocol) || url.hash !== '') {
    throw new MusterError(
      'ERR_CONFIG',
      `not a server's address: expected ws://host:port, wss://host:port or ws+unix:/path, got '${text}' (--server)`,
    );
  }
  if (url.pathname === '/') url.pathname = ENDPOINT_PATH;
  const isPrivate = url.protocol === 'wss:' || isLoopback(url.hostname);
  const name = `${url.protocol}//${url.host}`;
  return { name, url: url.href, socketPath: undefined, isPrivate };
}

/** The URL of a unix socket, as `parseServerUrl` reads it. */
export function unixUrl(path: string): string {
  return `ws+unix:${path}`;
}

/** The URL of a listening address; a wildcard address becomes loopback. */
export function tcpUrl(
  address: string,
  port: number,
  scheme: 'ws' | 'wss' = 'ws',
): string {
  const reachable = WILDCARDS[address] ?? address;
  return `${scheme}://${hostAndPort(reachable, port)}`;
}

/** An address and port as one word; IPv6 in brackets. */
export function hostAndPort(address: string, port: number): string {
  return `${address.includes(':') ? `[${address}]` : address}:${port}`;
}

/** Whether the server is on this machine, and is spoken to in the clear. */
export function isLocal({ url, socketPath }: ServerTarget): boolean {
  const { protocol, hostname } = new URL(url);
  return (
    socketPath !== undefined || (protocol === 'ws:' && isLoopback(hostname))
  );
}

function isLoopback(hostname: string): boolean {
  return (
    hostname === 'localhost' ||
    hostname === '[::1]' ||
    /^127(?:\.\d{1,3}){3}$/.test(hostname)
  );
}
