import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import type { ServerEvent } from '@muster/cluster';
import { listen } from '@muster/transport';
import { describe, expect, it } from 'vitest';
import { ServerConnections } from './server-connections.js';

/** What came of a dial to these addresses, and which of them failed. */
async function dialled(...urls: readonly string[]) {
  const failed: string[] = [];
  const events: ServerEvent[] = [];
  const connections = new ServerConnections({
    token: undefined,
    maxPayloadBytes: 1024,
    addresses: { coordinator: urls, primary: [] },
    handle: (event) => events.push(event),
    onClosed: () => undefined,
    onRetry: (_, url) => failed.push(url),
  });
  await connections.dial('coordinator');
  connections.stop();
  const remotes = connections.all.map(({ remote }) => remote);
  for (const connection of connections.all) connection.terminate();
  return { types: events.map(({ type }) => type), remotes, failed };
}

/** A server that lives. */
function lively() {
  return listen({
    ...{ host: '127.0.0.1', port: 0, token: undefined },
    onConnection: () => ({
      onPacket: () => undefined,
      onClosed: () => undefined,
    }),
  });
}

/** A process that is frozen: the system accepts for it, and that is all. */
async function frozen() {
  const sockets: Socket[] = [];
  const server = createServer((socket) => sockets.push(socket));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const close = async () => {
    for (const socket of sockets) socket.destroy();
    await once(server.close(), 'close');
  };
  return { url: `ws://127.0.0.1:${port}`, close };
}

describe('ServerConnections', () => {
  it('finds the one that answers behind one that is frozen', async () => {
    const asleep = await frozen();
    const awake = await lively();
    expect(await dialled(asleep.url, awake.url)).toEqual({
      types: ['linked'],
      remotes: [awake.url],
      // it was not even waited for
      failed: [],
    });
    await asleep.close();
    await awake.close();
  });

  it('prefers the first one that answers', async () => {
    const [first, second] = [await lively(), await lively()];
    const { types, remotes } = await dialled(first.url, second.url);
    expect({ types, remotes }).toEqual({
      types: ['linked'],
      remotes: [first.url],
    });
    await first.close();
    await second.close();
  });

  it('tries the next one at once when the first is gone', async () => {
    const gone = await lively();
    await gone.close();
    const awake = await lively();
    expect(await dialled(gone.url, awake.url)).toEqual({
      types: ['linked'],
      remotes: [awake.url],
      failed: [gone.url],
    });
    await awake.close();
  });

  it('tells that nobody is there', async () => {
    const gone = await lively();
    await gone.close();
    expect(await dialled(gone.url)).toEqual({
      types: ['unreachable'],
      remotes: [],
      failed: [gone.url],
    });
  });
});
