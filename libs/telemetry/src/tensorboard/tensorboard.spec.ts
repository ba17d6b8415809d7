import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { crc32c, maskedCrc32c } from './crc32c.js';
import { EventFile } from './event-file.js';
import { record, restartEvent, summaryEvent, versionEvent } from './events.js';
import { histogramOf } from './histogram.js';
import { ProtoWriter } from './proto-writer.js';

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const noPause = () => Promise.resolve();

describe('crc32c', () => {
  // RFC 3720, B.4, and the check value of the catalogue of CRCs
  it.each([
    ['123456789', 0xe3069283],
    ['\0'.repeat(32), 0x8a9136aa],
    ['', 0],
  ])('of %j', (text, sum) => {
    expect(crc32c(Buffer.from(text))).toBe(sum);
  });

  it('is masked by a rotation and a sum', () => {
    // e3069283 rotated right by 15 is 2507c60d; + a282ead8 is c78ab0e5
    expect(maskedCrc32c(Buffer.from('123456789'))).toBe(0xc78ab0e5);
  });
});

describe('ProtoWriter', () => {
  it('writes the examples of the encoding guide', () => {
    expect(hex(new ProtoWriter().integer(1, 150).finish())).toBe('089601');
    const text = new ProtoWriter().text(2, 'testing');
    expect(hex(text.finish())).toBe('120774657374696e67');
    const inner = new ProtoWriter().integer(1, 150);
    expect(hex(new ProtoWriter().message(3, inner).finish())).toBe(
      '1a03089601',
    );
  });

  it('writes floats little-endian, and doubles packed', () => {
    expect(hex(new ProtoWriter().float(2, 1).finish())).toBe('150000803f');
    expect(hex(new ProtoWriter().double(1, 1).finish())).toBe(
      '09000000000000f03f',
    );
    expect(hex(new ProtoWriter().doubles(6, [1, 0]).finish())).toBe(
      '3210000000000000f03f0000000000000000',
    );
  });

  it('writes whole numbers beyond 32 bits, and leaves out 0', () => {
    // 2^35 is 1 after five groups of seven zeros
    expect(hex(new ProtoWriter().integer(1, 2 ** 35).finish())).toBe(
      '08808080808001',
    );
    expect(new ProtoWriter().integer(1, 0).finish()).toHaveLength(0);
  });
});

describe('events', () => {
  it('are framed as TFRecord: length, checksum, bytes, checksum', () => {
    const data = Buffer.from('123456789');
    const bytes = record(data);
    expect(bytes.readBigUInt64LE(0)).toBe(9n);
    expect(bytes.readUInt32LE(8)).toBe(maskedCrc32c(bytes.subarray(0, 8)));
    expect(bytes.subarray(12, 21)).toEqual(data);
    expect(bytes.readUInt32LE(21)).toBe(0xc78ab0e5);
    expect(bytes).toHaveLength(25);
  });

  it('hold a scalar by its field numbers', () => {
    const event = summaryEvent({ step: 3, atMs: 1000 }, [
      { tag: 'a', scalar: 1 },
    ]);
    // 1: wall time 1.0; 2: step 3; 5: summary { 1: value { 1: "a", 2: 1.0 } }
    expect(hex(event.subarray(12, -4))).toBe(
      '09000000000000f03f' + '1003' + '2a0a' + '0a08' + '0a0161' + '150000803f',
    );
  });

  it('begin with the version, and can begin again', () => {
    expect(hex(versionEvent(1000).subarray(12, -4))).toBe(
      '09000000000000f03f' + '1a0d' + hex(Buffer.from('brain.Event:2')),
    );
    expect(hex(restartEvent({ step: 5, atMs: 1000 }).subarray(12, -4))).toBe(
      '09000000000000f03f' + '1005' + '3a02' + '0801',
    );
  });
});

describe('histogramOf', () => {
  it('counts in 30 buckets of equal width', async () => {
    // 0, 1, ... 30: one a bucket, and the greatest with the last
    const values = Float32Array.from({ length: 31 }, (_, i) => i);
    const { limits, counts, ...figures } = await histogramOf(values, noPause);
    expect(figures).toEqual({
      ...{ min: 0, max: 30, count: 31 },
      // 30 * 31 / 2, and 30 * 31 * 61 / 6
      ...{ sum: 465, sumOfSquares: 9455 },
    });
    expect(limits).toEqual(Array.from({ length: 30 }, (_, i) => i + 1));
    expect(counts).toEqual([...Array.from({ length: 29 }, () => 1), 2]);
  });

  it('passes over what is no number, and takes equal values', async () => {
    const values = Float32Array.of(2, Number.NaN, 2, Infinity);
    expect(await histogramOf(values, noPause)).toEqual({
      ...{ min: 2, max: 2, count: 2, sum: 4, sumOfSquares: 8 },
      ...{ limits: [2], counts: [2] },
    });
    const none = await histogramOf(new Float32Array(), noPause);
    expect(none).toMatchObject({ count: 0, limits: [], counts: [] });
  });

  it('pauses after each 65,536 values, twice over', async () => {
    let numPauses = 0;
    const values = Float32Array.from({ length: 150_000 }, (_, i) => i % 7);
    const { count } = await histogramOf(values, async () => {
      numPauses += 1;
    });
    expect([count, numPauses]).toEqual([150_000, 6]);
  });
});

describe('EventFile', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'events-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('writes everything in order before it is closed', async () => {
    const failures: string[] = [];
    const to = join(folder, 'new');
    const file = new EventFile(to, (reason) => failures.push(reason));
    const values = [{ tag: 'a', scalar: 1 }];
    for (let step = 1; step <= 3; step++) file.add({ step, atMs: 0 }, values);
    file.restart({ step: 2, atMs: 0 });
    await file.close();
    const [name = '', ...others] = await readdir(to);
    expect(others).toEqual([]);
    expect(name).toMatch(/^events\.out\.tfevents\.\d{10}\.\d{3}\./);
    const bytes = await readFile(join(to, name));
    const first = versionEvent(0).length;
    expect(hex(bytes.subarray(first))).toBe(
      [
        ...[1, 2, 3].map((step) => summaryEvent({ step, atMs: 0 }, values)),
        restartEvent({ step: 2, atMs: 0 }),
      ]
        .map(hex)
        .join(''),
    );
    expect(failures).toEqual([]);
  });

  it('tells once why events are lost, and goes on', async () => {
    const failures: string[] = [];
    const path = join(folder, 'file');
    await writeFile(path, '');
    const file = new EventFile(path, (reason) => failures.push(reason));
    file.add({ step: 1, atMs: 0 }, []);
    await file.close();
    file.add({ step: 2, atMs: 0 }, []);
    await file.close();
    expect(failures).toEqual([expect.stringMatching(/EEXIST|ENOTDIR/)]);
  });

  it('keeps 8 MiB at most while nothing is written', async () => {
    const failures: string[] = [];
    const file = new EventFile(folder, (reason) => failures.push(reason));
    const png = new Uint8Array(3 * 1024 * 1024);
    const image = { rows: 1, columns: 1, png };
    // nothing is written before this turn of the event loop ends
    for (let step = 1; step <= 4; step++) {
      file.add({ step, atMs: 0 }, [{ tag: 'a', image }]);
    }
    expect(failures).toEqual(['the disk does not keep up']);
    await file.close();
    const [name = ''] = await readdir(folder);
    // two of four
    expect((await readFile(join(folder, name))).length).toBeLessThan(
      2.1 * png.length,
    );
  });
});
