import { describe, expect, it } from 'vitest';
import { decodeFrame } from './decode-frame.js';
import { encodeFrame } from './encode-frame.js';
import { MusterError } from './errors.js';
import {
  DEFAULT_FRAME_LIMITS,
  maxFrameBytes,
  type FrameLimits,
} from './frame-limits.js';
import { scanFrame } from './frame-scan.js';
import type { MessageOf, Packet } from './messages.js';

const LIMITS: FrameLimits = {
  maxHeaderBytes: 32,
  maxHeaderNodes: 8,
  maxHeaderDepth: 4,
  maxPayloadBytes: 16,
};

const HEADER_LIMITS = [
  'maxHeaderBytes',
  'maxHeaderNodes',
  'maxHeaderDepth',
] as const;

const bytesOf = (hex: string) => Buffer.from(hex.replaceAll(' ', ''), 'hex');

/** What the scan says about a frame: its error, or 'ok'. */
function scan(frame: Uint8Array, limits = LIMITS): string {
  try {
    scanFrame(frame, limits);
    return 'ok';
  } catch (error) {
    expect(error).toBeInstanceOf(MusterError);
    const { code, message } = error as MusterError;
    return `${code}: ${message}`;
  }
}

describe('scanFrame', () => {
  it('finds header and payload', () => {
    // list of 2; map {a: 1} in bytes 1 to 4; bin 8 of 3 bytes
    const frame = bytesOf('92 81a16101 c403010203');
    expect(scanFrame(frame, LIMITS)).toEqual({
      headerStart: 1,
      headerEnd: 5,
      payload: { start: 7, end: 10 },
    });
  });

  it('finds the header alone', () => {
    expect(scanFrame(bytesOf('91 80'), LIMITS)).toEqual({
      headerStart: 1,
      headerEnd: 2,
      payload: undefined,
    });
  });

  it.each([
    ['lists and maps with long counts', 'dc0001 de0001 a161 01'],
    ['lists and maps with longer counts', 'dd00000001 df00000001 a161 01'],
    ['bin 16', '92 80 c50001 ff'],
    ['bin 32', '92 80 c600000001 ff'],
    ['an empty payload', '92 80 c400'],
    ['text of all lengths', '91 83 a0 c0 d90161 da000162 a163 db0000000164'],
    ['8-byte numbers', '91 82 a161 cbfff0000000000000 a162 d3ffffffffffffffff'],
    ['integers of all sizes', '91 81 a161 95 7f e0 cc01 cdffff ceffffffff'],
    ['a list in a map in a list', '91 81 a161 91 81 a162 c3'],
  ])('accepts %s', (_, hex) => {
    expect(scan(bytesOf(hex))).toBe('ok');
  });

  it.each([
    ['nothing', '', /expected 1 more bytes, got 0/],
    ['no list', '80', /expected a list/],
    ['an empty list', '90', /expected a list/],
    ['three parts', '93 80 c400 c400', /expected a list/],
    [
      'a header that is a list',
      '91 90',
      /expected a map as header, got .*0x90/,
    ],
    ['a header that is text', '91 a0', /expected a map as header/],
    ['a payload that is text', '92 80 a161', /expected a bin as payload/],
    ['a payload that is a map', '92 80 80', /expected a bin as payload/],
    ['a missing payload', '92 80', /expected 1 more bytes/],
    ['a short payload', '92 80 c402ff', /expected 2 more bytes, got 1/],
    [
      'bytes after the header',
      '91 80 00',
      /expected the end, got 1 more bytes/,
    ],
    ['bytes after the payload', '92 80 c401ff 00', /expected the end/],
    ['a bin in the header', '91 81 a161 c40101', /got msgpack token 0xc4/],
    ['fixext', '91 81 a161 d40000', /got msgpack token 0xd4/],
    ['ext 8', '91 81 a161 c70172ff', /got msgpack token 0xc7/],
    ['the unused token', '91 81 a161 c1', /got msgpack token 0xc1/],
    ['a number as key', '91 81 01 01', /expected text as key/],
    ['a map as key', '91 81 80 01', /expected text as key/],
    ['a key twice', '91 82 a16101 a16102', /expected each key once/],
    ['a key twice, spelt otherwise', '91 82 a16101 d9016102', /each key once/],
    ['__proto__', `91 81 a9${hexOf('__proto__')} 80`, /'__proto__'/],
    ['__proto__ inside', `91 81 a161 81 a9${hexOf('__proto__')} 80`, /proto/],
    ['a map cut short', '91 82 a16101', /expected 1 more bytes, got 0/],
    ['4 G entries', '91 df ffffffff', /expected 1 more bytes, got 0/],
    ['4 G characters', '91 81 a161 db ffffffff', /expected 4294967295 more/],
  ])('refuses %s as malformed', (_, hex, expected) => {
    const said = scan(bytesOf(hex));
    expect(said).toMatch(/^ERR_MALFORMED_MESSAGE: malformed frame at byte \d+/);
    expect(said).toMatch(expected);
  });
});

describe('the limits of scanFrame', () => {
  const limits = (changed: Partial<FrameLimits>) => ({ ...LIMITS, ...changed });

  it('bound the header bytes, inclusively', () => {
    const frame = bytesOf('92 82 a16101 a16202 c400'); // header: 7 bytes
    expect(scan(frame, limits({ maxHeaderBytes: 7 }))).toBe('ok');
    expect(scan(frame, limits({ maxHeaderBytes: 6 }))).toBe(
      'ERR_FRAME_TOO_LARGE: header too large: expected at most 6 bytes (maxHeaderBytes), got more',
    );
  });

  it('bound the values, keys and containers included', () => {
    const frame = bytesOf('91 82 a16101 a162 92c0c0'); // 1 + 2 + 2 + 2 = 7
    expect(scan(frame, limits({ maxHeaderNodes: 7 }))).toBe('ok');
    expect(scan(frame, limits({ maxHeaderNodes: 6 }))).toMatch(
      /^ERR_MALFORMED.*at most 6 values in the header \(maxHeaderNodes\)/,
    );
  });

  it('bound the depth, the frame itself included', () => {
    const frame = bytesOf('91 81 a161 91 90'); // frame, header, list, list
    expect(scan(frame, limits({ maxHeaderDepth: 4 }))).toBe('ok');
    expect(scan(frame, limits({ maxHeaderDepth: 3 }))).toMatch(
      /^ERR_MALFORMED.*a depth of at most 3 \(maxHeaderDepth\)/,
    );
  });

  it('bound the payload, inclusively', () => {
    const frame = bytesOf('92 80 c403010203');
    expect(scan(frame, limits({ maxPayloadBytes: 3 }))).toBe('ok');
    expect(scan(frame, limits({ maxPayloadBytes: 2 }))).toBe(
      'ERR_FRAME_TOO_LARGE: payload too large: expected at most 2 bytes (maxPayloadBytes), got 3',
    );
  });

  it('bound the whole frame before anything is read', () => {
    const longest = maxFrameBytes(LIMITS);
    expect(scan(new Uint8Array(longest))).toMatch(/^ERR_MALFORMED/);
    expect(scan(new Uint8Array(longest + 1))).toMatch(/^ERR_FRAME_TOO_LARGE/);
  });

  it('stop four megabytes of empty maps after a few hundred bytes', () => {
    const numMaps = 4 * 1024 * 1024;
    const head = bytesOf('91 81 a161 dd 00400000'); // {a: [4 Mi items]}
    const frame = Buffer.concat([head, Buffer.alloc(numMaps, 0x80)]);
    const said = scan(frame, DEFAULT_FRAME_LIMITS);
    // The header, `a` and the list are three values; each map is one byte.
    const { maxHeaderNodes } = DEFAULT_FRAME_LIMITS;
    const stop = head.length + maxHeaderNodes - 3;
    expect(said).toContain(`at byte ${stop}: expected at most 512 values`);
  });

  it('stop text bombs by the header bytes', () => {
    const head = bytesOf('91 81 a161 db 00400000');
    const frame = Buffer.concat([head, Buffer.alloc(4 * 1024 * 1024, 0x61)]);
    expect(scan(frame, DEFAULT_FRAME_LIMITS)).toMatch(
      /^ERR_FRAME_TOO_LARGE: header too large/,
    );
  });

  it('stop nesting at the fifth level', () => {
    const frame = Buffer.concat([
      bytesOf('91 81 a161'),
      Buffer.alloc(1_000_000, 0x91),
    ]);
    // Four bytes, then the lists of level 3 to 6: the eighth byte stops.
    expect(scan(frame, DEFAULT_FRAME_LIMITS)).toMatch(/byte 8: .*depth/);
  });

  // A count above 32 bits has 9 bytes, text of 64 or 200 characters (ASCII) 2
  // bytes and itself, a longer list 3 bytes and its items, a key 1 and itself.
  it('let the longest `joined` of the schema through', () => {
    const url = 'u'.repeat(200);
    const urls = [url, url, url];
    const shard = { begin: 2 ** 40, end: 2 ** 40, urls };
    const message: MessageOf<'joined'> = {
      type: 'joined',
      incarnation: 2 ** 40,
      runId: 'r'.repeat(64),
      heartbeatMs: 0.5,
      shards: Array.from({ length: 32 }, () => shard),
      dtype: 'json',
    };
    // a shard: map, `begin`, `end`, `urls`
    const shardBytes = 1 + (6 + 9) + (4 + 9) + (5 + 1 + 3 * 202);
    const shardNodes = 1 + 2 + 2 + (2 + 3);
    const longest = {
      // map, `type`, `incarnation`, `runId`, `heartbeatMs`, `shards`, `dtype`,
      // and `pad` with one space: 20,671 bytes would come before the payload.
      maxHeaderBytes:
        1 +
        (5 + 7 + (12 + 9) + (6 + 66) + (12 + 9)) +
        (7 + 3 + 32 * shardBytes) +
        (6 + 5 + (4 + 2)),
      maxHeaderNodes: 1 + 2 * 7 + 32 * shardNodes,
      maxHeaderDepth: 5,
    };
    expect(longest).toMatchObject({
      maxHeaderBytes: 20_666,
      maxHeaderNodes: 335,
    });
    expectExactly(longest, { message, payload: Buffer.from('{}') });
  });

  it('let the longest `shard-join` of the schema through', () => {
    const message: MessageOf<'shard-join'> = {
      type: 'shard-join',
      protocol: 2 ** 40,
      run: 'f'.repeat(64),
      shard: 2 ** 40,
      numShards: 2 ** 40,
      begin: 2 ** 40,
      end: 2 ** 40,
      url: 'u'.repeat(200),
      role: 'primary',
      term: 2 ** 40,
      version: 2 ** 40,
      oldest: 2 ** 40,
      checkpoints: Array.from({ length: 64 }, () => 2 ** 40),
    };
    const longest = {
      // map, `type`, `protocol`, `run`, `shard`, `numShards`, `begin`, `end`,
      // `url`, `role`, `term`, `version`, `oldest`, `checkpoints`
      maxHeaderBytes:
        1 +
        (5 + 11 + (9 + 9) + (4 + 66) + (6 + 9) + (10 + 9)) +
        (6 + 9 + (4 + 9) + (4 + 202) + (5 + 8) + (5 + 9)) +
        (8 + 9 + (7 + 9) + (12 + 3 + 64 * 9)),
      maxHeaderNodes: 1 + 2 * 13 + 64,
      maxHeaderDepth: 3,
    };
    expect(longest).toMatchObject({
      maxHeaderBytes: 1024,
      maxHeaderNodes: 91,
    });
    expectExactly(longest, { message });
  });
});

/** Expects that the default limits let a packet through, and that it uses up these. */
function expectExactly(
  used: Pick<FrameLimits, (typeof HEADER_LIMITS)[number]>,
  packet: Packet,
): void {
  const frame = encodeFrame(packet);
  const { message } = decodeFrame(frame, DEFAULT_FRAME_LIMITS);
  expect(message).toStrictEqual(packet.message);
  const limits = { ...DEFAULT_FRAME_LIMITS, ...used };
  expect(scan(frame, limits)).toBe('ok');
  for (const name of HEADER_LIMITS) {
    const less = { ...limits, [name]: used[name] - 1 };
    expect(scan(frame, less)).toContain(`(${name})`);
  }
}

function hexOf(text: string): string {
  return Buffer.from(text).toString('hex');
}
