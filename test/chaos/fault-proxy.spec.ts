import { once } from 'node:events';
import { createRandomStream } from '@muster/data';
import { describe, expect, it } from 'vitest';
import { eventually } from '../cluster/eventually.js';
import { FaultProxy } from './fault-proxy.js';
import { MAX_HELD_BYTES } from './flow.js';
import { Client, SocketServer } from './sockets.js';

/** Node reads this much at once. */
const CHUNK_BYTES = 64 * 1024;
/** Long: the spec does not wait for its end. */
const LONG_MS = 60_000;

/** A proxy before an echo, and clients that have been answered once. */
async function setUp(numClients = 1) {
  const server = await SocketServer.echo();
  const proxy = new FaultProxy(server.port);
  await proxy.start();
  const clients = await Promise.all(
    Array.from({ length: numClients }, () => Client.connect(proxy.port)),
  );
  await Promise.all(clients.map((client) => client.ask('hello')));
  const close = async () => {
    for (const client of clients) client[Symbol.dispose]();
    await proxy.close();
    await server[Symbol.asyncDispose]();
  };
  const [first] = clients;
  const all = { server, proxy, clients, client: first! };
  return { ...all, [Symbol.asyncDispose]: close };
}

/** Bytes that show a change of their order. */
function randomBytes(count: number): Buffer {
  const random = createRandomStream(7, 7);
  const words = Uint32Array.from({ length: count / 4 }, () =>
    random.nextUint32(),
  );
  return Buffer.from(words.buffer);
}

/** Sends bytes and the end, and gives what came back when all of it has. */
async function roundTrip(client: Client, bytes: Buffer): Promise<Buffer> {
  const before = client.received.byteLength;
  client.socket.end(bytes);
  await once(client.socket, 'end');
  return client.received.subarray(before);
}

/** Timers of this process that did not fire yet. */
function numTimers(): number {
  const all = process.getActiveResourcesInfo();
  return all.filter((name) => name === 'Timeout').length;
}

describe('a proxy without faults', () => {
  it('hands megabytes on in both directions, in their order', async () => {
    await using all = await setUp();
    const bytes = randomBytes(8 * 2 ** 20);
    expect(bytes.equals(await roundTrip(all.client, bytes))).toBe(true);
  });

  it('hands an end on, and forgets the connection', async () => {
    await using all = await setUp();
    all.client.socket.end();
    await all.client.closed;
    await eventually('no connection', () => all.proxy.numConnections === 0);
  });

  it('says where it listens', async () => {
    await using all = await setUp();
    expect(all.proxy.url).toBe(`ws://127.0.0.1:${all.proxy.port}`);
    expect(all.proxy.port).not.toBe(all.server.port);
  });

  it('destroys the connection when nobody listens behind it', async () => {
    await using all = await setUp();
    await all.server[Symbol.asyncDispose]();
    using client = await Client.connect(all.proxy.port);
    await client.closed;
  });

  it('destroys the client when the server resets the connection', async () => {
    await using all = await setUp();
    all.server.sockets[0]!.resetAndDestroy();
    await all.client.closed;
  });

  it('leads new connections to the new port', async () => {
    await using all = await setUp();
    await using other = await SocketServer.start((socket) => {
      socket.end('other');
    });
    all.proxy.retarget(other.port);
    using client = await Client.connect(all.proxy.port);
    await once(client.socket, 'end');
    expect(client.received.toString()).toBe('other');
    expect(await all.client.ask('old')).toBe('old');
  });

  it('holds no more than its limit for a peer that does not read', async () => {
    await using server = await SocketServer.start((socket) => socket.pause());
    await using proxy = new FaultProxy(server.port);
    using client = await Client.connect(await proxy.start());
    const bytes = 64 * 2 ** 20;
    client.socket.write(Buffer.alloc(bytes));
    // the kernel's buffers take some megabytes: then it holds, and no more
    await eventually('bytes held back', () => proxy.heldBytes > 0);
    expect(proxy.heldBytes).toBeLessThanOrEqual(MAX_HELD_BYTES + CHUNK_BYTES);
    let read = 0;
    server.sockets[0]!.on('data', (chunk: Buffer) => {
      read += chunk.byteLength;
      expect(proxy.heldBytes).toBeLessThan(MAX_HELD_BYTES + CHUNK_BYTES);
    });
    server.sockets[0]!.resume();
    await eventually('every byte', () => read === bytes);
  });
});

describe('cut', () => {
  it('destroys every connection, both sides, and takes new ones', async () => {
    await using all = await setUp(3);
    const { sockets } = all.server;
    const ends = sockets.map(
      (socket) => new Promise((resolve) => socket.once('close', resolve)),
    );
    expect(all.proxy.cut()).toBe(3);
    await Promise.all([...ends, ...all.clients.map(({ closed }) => closed)]);
    expect(all.proxy.numConnections).toBe(0);
    using client = await Client.connect(all.proxy.port);
    expect(await client.ask('again')).toBe('again');
  });

  it('destroys nothing when there is nothing', async () => {
    await using all = await setUp(0);
    expect(all.proxy.cut()).toBe(0);
    expect(all.proxy.cutOne(createRandomStream(1))).toBe(0);
  });
});

describe('cutOne', () => {
  it('destroys one connection and leaves the others', async () => {
    await using all = await setUp(3);
    expect(all.proxy.cutOne(createRandomStream(1))).toBe(1);
    await Promise.race(all.clients.map(({ closed }) => closed));
    const left = all.clients.filter(({ socket }) => !socket.destroyed);
    expect(left).toHaveLength(2);
    const answers = left.map((client) => client.ask('still'));
    expect(await Promise.all(answers)).toEqual(['still', 'still']);
  });
});

describe('halfOpen', () => {
  it('lets nothing pass and tells nobody, also not of an end', async () => {
    await using all = await setUp();
    all.proxy.halfOpen(LONG_MS);
    all.client.socket.write('lost');
    using fresh = await Client.connect(all.proxy.port);
    fresh.socket.write('lost too');
    all.server.sockets[0]!.resetAndDestroy();
    // What passes is faster than a whole connection to the server and back.
    using direct = await Client.connect(all.server.port);
    await direct.ask('a round');
    expect(all.server.sockets).toHaveLength(2);
    expect(all.client.received.toString()).toBe('hello');
    expect(all.client.socket.closed).toBe(false);
    expect(fresh.socket.closed).toBe(false);
    expect(all.proxy.numConnections).toBe(2);
  });

  it('destroys old and new connections at its end, and not before', async () => {
    await using all = await setUp();
    const startMs = performance.now();
    all.proxy.halfOpen(200);
    using fresh = await Client.connect(all.proxy.port);
    await Promise.all([all.client.closed, fresh.closed]);
    // timers may fire up to a millisecond early
    expect(performance.now() - startMs).toBeGreaterThanOrEqual(199);
    using later = await Client.connect(all.proxy.port);
    expect(await later.ask('back')).toBe('back');
  });
});

describe('slow', () => {
  it('keeps the order, the rate and the latency', async () => {
    await using all = await setUp();
    const bytes = randomBytes(2 ** 20);
    const startMs = performance.now();
    all.proxy.slow({ bytesPerSecond: 4 * 2 ** 20, latencyMs: 50 }, LONG_MS);
    expect(bytes.equals(await roundTrip(all.client, bytes))).toBe(true);
    // 1 MiB at 4 MiB/s, and 50 ms there and back
    expect(performance.now() - startMs).toBeGreaterThanOrEqual(250 + 2 * 50);
  });

  it('holds no more than its limit', async () => {
    await using all = await setUp();
    all.proxy.slow({ bytesPerSecond: 2 ** 20, latencyMs: 0 }, LONG_MS);
    all.client.socket.write(Buffer.alloc(2 ** 23));
    const most = MAX_HELD_BYTES + CHUNK_BYTES;
    while (all.client.received.byteLength < 2 ** 18) {
      await once(all.client.socket, 'data');
      // both ways
      expect(all.proxy.heldBytes).toBeLessThanOrEqual(2 * most);
    }
  });

  it('hands on what it holds when it ends', async () => {
    await using all = await setUp();
    all.proxy.slow({ bytesPerSecond: 1, latencyMs: LONG_MS }, 100);
    expect(await all.client.ask('waits')).toBe('waits');
    expect(all.proxy.heldBytes).toBe(0);
  });

  it('slows new connections down too', async () => {
    await using all = await setUp();
    all.proxy.slow({ bytesPerSecond: 2 ** 20, latencyMs: 100 }, LONG_MS);
    using client = await Client.connect(all.proxy.port);
    const startMs = performance.now();
    await client.ask('late');
    expect(performance.now() - startMs).toBeGreaterThanOrEqual(200);
  });
});

describe('refuse', () => {
  it('destroys new connections and leaves the old ones', async () => {
    await using all = await setUp();
    all.proxy.refuse(LONG_MS);
    using client = await Client.connect(all.proxy.port);
    await client.closed;
    expect(all.server.sockets).toHaveLength(1);
    expect(await all.client.ask('old')).toBe('old');
  });

  it('ends', async () => {
    await using all = await setUp();
    all.proxy.refuse(100);
    const answer = await eventually('an answer', async () => {
      using client = await Client.connect(all.proxy.port);
      const word = client.ask('back');
      return await Promise.race([word, client.closed.then(() => undefined)]);
    });
    expect(answer).toBe('back');
  });
});

describe('close', () => {
  it('ends every connection and clears every timer', async () => {
    await using all = await setUp();
    const before = numTimers();
    all.proxy.slow({ bytesPerSecond: 1, latencyMs: LONG_MS }, LONG_MS);
    all.proxy.refuse(LONG_MS);
    all.client.socket.write('held');
    await eventually('a held byte', () => all.proxy.heldBytes > 0);
    all.proxy.halfOpen(LONG_MS);
    await all.proxy.close();
    await all.client.closed;
    expect(numTimers()).toBeLessThanOrEqual(before);
    await all.proxy.close();
  });
});
