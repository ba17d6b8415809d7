/**
 * Binds a server to its port or unix socket, and says in the words of the
 * settings why it cannot.
 */
import { once } from 'node:events';
import { lstat, unlink } from 'node:fs/promises';
import { connect, type Server } from 'node:net';
import { MusterError } from '@muster/protocol';

/** A port of a host (0: any free one), or the file of a unix socket. */
export type ListenAddress =
  | { readonly host: string; readonly port: number }
  | { readonly path: string };

/**
 * Resolves once the server listens. A unix socket that a killed process has
 * left behind is replaced.
 *
 * @throws MusterError ERR_PORT_IN_USE, ERR_CONFIG
 */
export async function bindServer(
  server: Server,
  address: ListenAddress,
): Promise<void> {
  try {
    await bind(server, address);
  } catch (error) {
    if (await isLeftBehind(error, address)) return bindServer(server, address);
    throw bindError(error as NodeJS.ErrnoException, address);
  }
}

async function bind(server: Server, address: ListenAddress): Promise<void> {
  server.listen(
    'path' in address
      ? { path: address.path }
      : { host: address.host, port: address.port },
  );
  await once(server, 'listening');
}

/** Removes the file of a unix socket if nobody listens there any more. */
async function isLeftBehind(
  error: unknown,
  address: ListenAddress,
): Promise<boolean> {
  if (!('path' in address) || codeOf(error) !== 'EADDRINUSE') return false;
  const { path } = address;
  const file = await lstat(path).catch(() => undefined);
  if (file?.isSocket() !== true) return false;
  if ((await connectError(path)) !== 'ECONNREFUSED') return false;
  await unlink(path);
  return true;
}

/** What comes of connecting; undefined if somebody answers. */
async function connectError(path: string): Promise<string | undefined> {
  const socket = connect(path);
  try {
    await once(socket, 'connect');
    return undefined;
  } catch (error) {
    return codeOf(error);
  } finally {
    socket.destroy();
  }
}

function bindError(
  cause: NodeJS.ErrnoException,
  address: ListenAddress,
): MusterError {
  const where =
    'path' in address
      ? `unix socket ${address.path}`
      : `port ${address.port} of ${address.host}`;
  if (cause.code === 'EADDRINUSE') {
    return new MusterError(
      'ERR_PORT_IN_USE',
      `${where} is in use: expected a free one (--listen)`,
      { cause },
    );
  }
  const why =
    cause.code === 'EACCES' ? 'permission denied' : (cause.code ?? 'failed');
  return new MusterError(
    'ERR_CONFIG',
    `cannot listen on ${where}: ${why} (--listen)`,
    { cause },
  );
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}
