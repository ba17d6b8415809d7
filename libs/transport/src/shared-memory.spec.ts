import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { truncateSync } from 'node:fs';
import { joinParts, type EncodedParts } from '@muster/protocol';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  NUM_SLOTS,
  SLOT_BYTES,
  SharedMemory,
  isNote,
  notedBytes,
} from './shared-memory.js';
import { numMapped } from './testing.js';

const probe = SharedMemory.create();
probe?.close();
/** Set-up compiles the addon for Linux on x64. */
const isHere = probe !== undefined;
const name = isHere
  ? 'shared memory'
  : 'shared memory (no addon here: skipped)';

const frameOf = (numBytes: number): EncodedParts => [randomBytes(numBytes)];
const put = (memory: SharedMemory, parts: EncodedParts) =>
  memory.put(parts, joinParts(parts).byteLength);

describe.skipIf(!isHere)(name, () => {
  let near: SharedMemory;
  let far: SharedMemory;

  beforeEach(() => {
    near = SharedMemory.create()!;
    far = SharedMemory.open(near.offer)!;
  });
  afterEach(() => {
    near.close();
    far.close();
    expect(numMapped()).toBe(0);
  });

  it('brings frames in one or two parts to either side, whatever their order', () => {
    const length = fc.integer({ min: 65_536, max: 300_000 });
    const part = fc.option(fc.nat(5000), { nil: undefined });
    const frame = fc.record({ length, part, isNear: fc.boolean() });
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 8 }), (frames) => {
        for (const { length: bytes, part: at, isNear } of frames) {
          const [whole] = frameOf(bytes);
          const parts: EncodedParts =
            at === undefined
              ? [whole]
              : [whole.subarray(0, at), whole.subarray(at)];
          const [from, to] = isNear ? [near, far] : [far, near];
          const note = put(from, parts)!;
          expect(isNote(note)).toBe(true);
          expect(notedBytes(note)).toBe(bytes);
          expect(to.take(note)!.equals(whole)).toBe(true);
        }
      }),
      { numRuns: 30 },
    );
  });

  it('holds two frames to either side, and takes more when they are taken', () => {
    const frames = Array.from({ length: NUM_SLOTS + 1 }, () =>
      frameOf(100_000),
    );
    const notes = frames.map((frame) => put(near, frame));
    expect(notes.map((note) => note !== undefined)).toEqual([
      true,
      true,
      false,
    ]);
    // the other direction has slots of its own
    expect(put(far, frames[0]!)).toBeDefined();
    expect(far.take(notes[1]!)!.equals(frames[1]![0])).toBe(true);
    const note = put(near, frames[2]!)!;
    expect(far.take(note)!.equals(frames[2]![0])).toBe(true);
    expect(far.take(notes[0]!)!.equals(frames[0]![0])).toBe(true);
  });

  it('leaves short frames to the socket', () => {
    expect(put(near, frameOf(65_535))).toBeUndefined();
    expect(put(near, frameOf(65_536))).toBeDefined();
  });

  it('gives no frame for a note of none', () => {
    const note = put(near, frameOf(70_000))!;
    const empty = Buffer.from(note);
    empty[1] = 1;
    expect(far.take(empty)).toBeUndefined();
    const noSlot = Buffer.from(note);
    noSlot[1] = NUM_SLOTS;
    expect(far.take(noSlot)).toBeUndefined();
    const tooLong = Buffer.from(note);
    tooLong.writeUInt32BE(SLOT_BYTES + 1, 2);
    expect(far.take(tooLong)).toBeUndefined();
    expect(far.take(note)).toBeDefined();
    // it has been taken
    expect(far.take(note)).toBeUndefined();
  });

  it('gives nothing any more once it is closed, and closes twice', () => {
    const note = put(near, frameOf(70_000))!;
    near.close();
    near.close();
    expect(put(near, frameOf(70_000))).toBeUndefined();
    // the other end goes on, until it is closed, too
    expect(far.take(note)).toBeDefined();
    const last = put(far, frameOf(70_000));
    expect(last).toBeDefined();
    far.close();
    expect(put(far, frameOf(70_000))).toBeUndefined();
  });

  it('cannot be made shorter by whoever has it', () => {
    const [pid, file] = near.offer.split('.');
    expect(() => truncateSync(`/proc/${pid}/fd/${file}`, 0)).toThrow('EPERM');
  });

  it.each([
    ['of no process', (offer: string) => offer.replace(/^\d+/, '999999999')],
    ['of another file', (offer: string) => offer.replace(/\.\d+\./, '.0.')],
    [
      'of another name',
      (offer: string) => offer.replace(/.{32}$/, '0'.repeat(32)),
    ],
    ['that is none', () => '../../etc/passwd'],
    ['that is empty', () => ''],
  ])('is not opened by an offer %s', (_, change) => {
    expect(SharedMemory.open(change(near.offer))).toBeUndefined();
  });

  it('leaves nothing behind when a process is killed', async () => {
    const script = `
      const { SharedMemory } = await import(${JSON.stringify(new URL('../dist/shared-memory.js', import.meta.url).href)});
      console.log(SharedMemory.create().offer);
      setInterval(() => undefined, 1000);`;
    const args = ['--input-type=module', '-e', script];
    const child = spawn(process.execPath, args);
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    const opened = SharedMemory.open(line.toString().trim())!;
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(SharedMemory.open(line.toString().trim())).toBeUndefined();
    // what is open stays whole until it is closed
    const note = put(opened, frameOf(70_000))!;
    expect(isNote(note)).toBe(true);
    opened.close();
  });
});
