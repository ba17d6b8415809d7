/** Connections whose processes share memory, against those that do not. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { Packet } from '@muster/protocol';
import { describe, expect, it } from 'vitest';
import { dial, type DialOptions } from './dial.js';
import { SharedMemory } from './shared-memory.js';
import {
  Recorder,
  RecordingServer,
  numMapped,
  strangeClient,
} from './testing.js';

const probe = SharedMemory.create();
probe?.close();
const isHere = probe !== undefined;
const name = isHere
  ? 'a connection of two processes on one machine'
  : 'a connection of two processes (no addon here: skipped)';

/** A slice of so many random elements, and its place in the order. */
function parameters(version: number, numElements: number): Packet {
  const keys = { begin: 0, end: numElements, dtype: 'float32' as const };
  return {
    message: { type: 'parameters', term: 1, version, ...keys },
    payload: new Uint8Array(randomBytes(numElements * 4)),
  };
}

const plain = ({ message, payload }: Packet) => ({
  message,
  payload: payload && Buffer.from(payload).toString('base64'),
});

async function connect(
  server: RecordingServer,
  options: Partial<DialOptions> = {},
) {
  const ours = new Recorder();
  const near = await dial({ url: server.url, handlers: ours, ...options });
  return { near, far: await server.connections.next(), ours };
}

describe.skipIf(!isHere)(name, () => {
  it.each([
    ['auto', 2],
    ['never', 0],
  ] as const)(
    'brings everything unchanged, in order and counted (%s)',
    async (sharedMemory, mapped) => {
      await using server = await RecordingServer.start();
      const { near, far, ours } = await connect(server, { sharedMemory });
      expect(numMapped()).toBe(mapped);
      // two fit in at once: the third goes through the socket, between them
      const sent = [90_000, 10, 80_000, 70_000, 1, 60_000].map((length, i) =>
        parameters(i, length),
      );
      for (const packet of sent) near.send(packet);
      for (const packet of sent) far.send(packet);
      for (const packet of sent) {
        expect(plain(await server.packets.next())).toEqual(plain(packet));
        const back = await ours.packets.next();
        expect(plain(back)).toEqual(plain(packet));
        // short frames come out of Node's pool
        const isLong = packet.payload!.length > 1000;
        expect(isLong ? back.payload!.byteOffset % 8 : 0).toBe(0);
      }
      expect(near.bytesSent).toBe(far.bytesReceived);
      expect(far.bytesSent).toBe(near.bytesReceived);
      expect(near.bytesSent).toBeGreaterThan(4 * 300_011);
      near.close();
      await Promise.all([near.closed, far.closed]);
      expect(numMapped()).toBe(0);
    },
  );

  it('gives the memory back when it is cut off, and when it was refused', async () => {
    await using server = await RecordingServer.start({ token: 't'.repeat(32) });
    await expect(connect(server, { token: 'u'.repeat(32) })).rejects.toThrow();
    expect(numMapped()).toBe(0);
    const { near, far } = await connect(server, { token: 't'.repeat(32) });
    expect(numMapped()).toBe(2);
    near.terminate();
    await far.closed;
    expect(numMapped()).toBe(0);
  });

  it.each([
    ['where none is', [0xc1, 0, 0, 1, 0, 0], 'ERR_MALFORMED_MESSAGE'],
    ['that is too long', [0xc1, 0, 255, 0, 0, 0], 'ERR_FRAME_TOO_LARGE'],
  ])('ends by a note of a frame %s', async (_, bytes, code) => {
    await using server = await RecordingServer.start();
    const socket = strangeClient(server);
    await once(socket, 'open');
    socket.send(Uint8Array.from(bytes));
    expect(await server.ends.next()).toMatchObject({ code });
  });
});
