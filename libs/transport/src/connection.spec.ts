import { once } from 'node:events';
import { randomBytes } from 'node:crypto';
import {
  MusterError,
  encodeFrame,
  type MessageOf,
  type Packet,
} from '@muster/protocol';
import { describe, expect, it } from 'vitest';
import { CLOSE_CODES } from './close-codes.js';
import { dial, type DialOptions } from './dial.js';
import {
  Recorder,
  RecordingServer,
  closeOf,
  strangeClient,
} from './testing.js';

const heartbeat = (sequence: number): Packet => ({
  message: { type: 'heartbeat', sequence },
});

/** A slice of `numElements` zeros. */
function parameters(numElements: number): Packet<MessageOf<'parameters'>> {
  return {
    message: {
      type: 'parameters',
      term: 1,
      version: 1,
      begin: 0,
      end: numElements,
      dtype: 'float32',
    },
    payload: new Uint8Array(numElements * 4),
  };
}

/** A connected pair: our end with its recorder, and the server's end. */
async function connect(
  server: RecordingServer,
  options: Partial<DialOptions> = {},
) {
  const ours = new Recorder();
  const near = await dial({ url: server.url, handlers: ours, ...options });
  const far = await server.connections.next();
  return { near, far, ours };
}

describe('a connection', () => {
  it('carries packets both ways, in order', async () => {
    await using server = await RecordingServer.start();
    const { near, far, ours } = await connect(server);
    near.send(heartbeat(1));
    near.send(heartbeat(2));
    far.send(heartbeat(3));
    expect(await server.packets.next()).toEqual(heartbeat(1));
    expect(await server.packets.next()).toEqual(heartbeat(2));
    expect(await ours.packets.next()).toEqual(heartbeat(3));
  });

  it.each(['auto', 'never'] as const)(
    'carries megabytes unchanged, 8-aligned (zero mask: %s)',
    async (zeroMask) => {
      await using server = await RecordingServer.start();
      const { near } = await connect(server, { zeroMask });
      const numElements = 600_000;
      const sent = parameters(numElements);
      sent.payload!.set(randomBytes(numElements * 4));
      near.send(sent);
      const got = await server.packets.next();
      expect(Buffer.compare(got.payload!, sent.payload!)).toBe(0);
      expect(got.payload!.byteOffset % 8).toBe(0);
    },
  );

  it('sends one encoded frame to many, masked or not', async () => {
    await using one = await RecordingServer.start();
    await using two = await RecordingServer.start();
    const plain = await connect(one, { zeroMask: 'always' });
    const masked = await connect(two, { zeroMask: 'never' });
    const packet = parameters(3);
    const frame = encodeFrame(packet);
    const before = Buffer.from(frame).toString('hex');
    for (const { near } of [plain, masked, plain]) near.sendEncoded(frame);
    for (const server of [one, two, one]) {
      const { message, payload } = await server.packets.next();
      expect(message).toEqual(packet.message);
      expect([...payload!]).toEqual([...packet.payload!]);
    }
    expect(Buffer.from(frame).toString('hex')).toBe(before);
  });

  it('counts frames and their bytes on both ends', async () => {
    await using server = await RecordingServer.start();
    const { near, far } = await connect(server);
    const frameBytes = encodeFrame(heartbeat(1)).length;
    near.send(heartbeat(1));
    near.send(heartbeat(2));
    await server.packets.next();
    await server.packets.next();
    expect(near).toMatchObject({
      framesSent: 2,
      bytesSent: 2 * frameBytes,
      framesReceived: 0,
      bytesReceived: 0,
    });
    expect(far).toMatchObject({
      framesSent: 0,
      bytesSent: 0,
      framesReceived: 2,
      bytesReceived: 2 * frameBytes,
    });
  });

  it('names its peer', async () => {
    await using server = await RecordingServer.start();
    const { near, far } = await connect(server);
    expect(near.remote).toBe(server.url);
    expect(far.remote).toMatch(/^127\.0\.0\.1:\d+$/);
  });
});

describe('the end of a connection', () => {
  it('is no error on either side after close', async () => {
    await using server = await RecordingServer.start();
    const { near, far, ours } = await connect(server);
    near.send(heartbeat(1));
    near.close();
    expect(await near.closed).toBeUndefined();
    expect(await far.closed).toBeUndefined();
    expect(await server.packets.next()).toEqual(heartbeat(1));
    expect(await ours.ends.next()).toBeUndefined();
    expect(await server.ends.next()).toBeUndefined();
  });

  it('comes once, however often it is asked for', async () => {
    await using server = await RecordingServer.start();
    const { near, ours } = await connect(server);
    near.close();
    near.close();
    near.fail(new MusterError('ERR_INTERNAL', 'later'));
    near.terminate();
    near.send(heartbeat(1));
    await near.closed;
    near.send(heartbeat(1));
    near.close();
    near.terminate();
    expect(await ours.ends.next()).toBeUndefined();
    expect(ours.ends.length).toBe(0);
    expect(near.framesSent).toBe(0);
  });

  it('tells the peer the error code and the reason', async () => {
    await using server = await RecordingServer.start();
    const { near, far } = await connect(server);
    const error = new MusterError('ERR_REPLACED', 'w-1 has joined again');
    far.fail(error);
    expect(await far.closed).toBe(error);
    expect(await near.closed).toMatchObject({
      code: 'ERR_REPLACED',
      message: `connection closed by ${server.url}: w-1 has joined again`,
    });
  });

  it('takes a close code of ours for its error', async () => {
    await using server = await RecordingServer.start();
    const { near, far } = await connect(server);
    near.close(CLOSE_CODES.ERR_DRAINING, 'bye');
    const expected = { code: 'ERR_DRAINING' };
    expect(await near.closed).toMatchObject({ ...expected, message: 'bye' });
    expect(await far.closed).toMatchObject(expected);
  });

  it('cuts a long reason, without breaking a character', async () => {
    await using server = await RecordingServer.start();
    const { near, far } = await connect(server);
    near.fail(new MusterError('ERR_BACKEND', '\u20ac'.repeat(100)));
    const error = await far.closed;
    // 123 bytes hold 41 characters of 3 bytes.
    expect(error?.message).toMatch(/: \u20ac{41}$/);
  });

  it('is a lost connection when a side vanishes', async () => {
    await using server = await RecordingServer.start();
    const { near, far } = await connect(server);
    near.terminate();
    expect(await near.closed).toMatchObject({ code: 'ERR_CONNECTION_LOST' });
    expect(await far.closed).toMatchObject({
      code: 'ERR_CONNECTION_LOST',
      retryable: true,
    });
  });

  it('is a lost connection when the server stops listening', async () => {
    await using server = await RecordingServer.start();
    const { near, far } = await connect(server);
    await server.close();
    expect(await far.closed).toBeUndefined();
    expect(await near.closed).toMatchObject({
      code: 'ERR_CONNECTION_LOST',
      message: `connection closed by ${server.url}: the server stops listening`,
    });
  });

  it('does not wait longer than closeTimeoutMs for the peer', async () => {
    await using server = await RecordingServer.start({
      limits: { closeTimeoutMs: 20 },
    });
    const client = strangeClient(server);
    await once(client, 'open');
    client.pause();
    const far = await server.connections.next();
    far.close();
    expect(await far.closed).toBeUndefined();
    client.terminate();
  });
});

describe('a bad frame', () => {
  const good = encodeFrame(heartbeat(7));

  it.each([
    ['text', 'hello', 'ERR_MALFORMED_MESSAGE'],
    ['noise', Buffer.from('c1c1c1', 'hex'), 'ERR_MALFORMED_MESSAGE'],
    ['an empty frame', Buffer.alloc(0), 'ERR_MALFORMED_MESSAGE'],
    ['a frame cut short', good.subarray(0, -1), 'ERR_MALFORMED_MESSAGE'],
    ['too long a payload', longPayload(), 'ERR_FRAME_TOO_LARGE'],
  ] as const)('(%s) ends its own session only', async (_, bytes, code) => {
    await using server = await RecordingServer.start({ maxPayloadBytes: 64 });
    const { near: other } = await connect(server);
    const client = strangeClient(server);
    await once(client, 'open');
    client.send(bytes);
    client.send(good); // must not be looked at any more
    const { code: closeCode, reason } = await closeOf(client);
    expect(closeCode).toBe(CLOSE_CODES[code]);
    expect(reason).toMatch(/^bad frame from 127\.0\.0\.1:\d+: /);
    expect(await server.ends.next()).toMatchObject({ code });
    expect(server.packets.length).toBe(0);
    other.send(heartbeat(8));
    expect(await server.packets.next()).toEqual(heartbeat(8));
  });

  it('is refused by its length before it is read', async () => {
    await using server = await RecordingServer.start({ maxPayloadBytes: 64 });
    const client = strangeClient(server);
    await once(client, 'open');
    client.send(Buffer.alloc(1_000_000));
    expect(await closeOf(client)).toMatchObject({ code: 1009 });
    expect(await server.ends.next()).toMatchObject({
      code: 'ERR_FRAME_TOO_LARGE',
      message: expect.stringContaining('at most 64 payload bytes') as string,
    });
  });

  it('is told to our own side as well', async () => {
    await using server = await RecordingServer.start();
    const { near, far } = await connect(server);
    far.sendEncoded(Buffer.from('c1', 'hex'));
    const expected = { code: 'ERR_MALFORMED_MESSAGE' };
    expect(await near.closed).toMatchObject(expected);
    expect(await far.closed).toMatchObject(expected);
  });

  it('may not come in more fragments than allowed', async () => {
    await using server = await RecordingServer.start({
      limits: { maxFragments: 2 },
    });
    const client = strangeClient(server);
    await once(client, 'open');
    const closed = closeOf(client);
    for (let part = 0; part < 3; part += 1) {
      client.send(Buffer.of(0x91), { fin: false });
    }
    expect(await closed).toMatchObject({ code: 1008 });
    expect(await server.ends.next()).toMatchObject({
      code: 'ERR_MALFORMED_MESSAGE',
    });
  });

  function longPayload(): Uint8Array {
    return encodeFrame(parameters(17)); // 68 bytes
  }
});

describe('a slow reader', () => {
  it('is closed when more waits for it than maxBufferedBytes', async () => {
    const maxBufferedBytes = 4 * 1024 * 1024;
    await using server = await RecordingServer.start({
      limits: { maxBufferedBytes, closeTimeoutMs: 50 },
    });
    const client = strangeClient(server);
    await once(client, 'open');
    client.pause();
    const far = await server.connections.next();
    const frame = encodeFrame(parameters(250_000)); // 1 MB
    // What the kernel takes does not count, so go on until it is full.
    let mostWaiting = 0;
    for (let sent = 0; sent < 200; sent += 1) {
      far.sendEncoded(frame);
      mostWaiting = Math.max(mostWaiting, far.bufferedBytes);
    }
    const error = await far.closed;
    expect(error).toMatchObject({ code: 'ERR_CONNECTION_LOST' });
    expect(error?.message).toMatch(
      /reads too slowly: \d+ bytes wait, .* \(maxBufferedBytes\)$/,
    );
    // Beside the frames there are WebSocket headers and the close frame.
    expect(mostWaiting).toBeLessThan(maxBufferedBytes + 1000);
    expect(far.framesSent).toBeLessThan(200);
    client.terminate();
  });

  it('is not one who reads', async () => {
    await using server = await RecordingServer.start({
      limits: { maxBufferedBytes: 2 * 1024 * 1024 },
    });
    const { far, ours } = await connect(server);
    const frame = encodeFrame(parameters(250_000));
    for (let sent = 0; sent < 20; sent += 1) {
      far.sendEncoded(frame);
      await ours.packets.next();
    }
    expect(far.framesSent).toBe(20);
  });
});
