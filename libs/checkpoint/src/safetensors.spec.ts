import fc from 'fast-check';
import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  decodeSafetensors,
  encodeSafetensors,
  type NamedTensor,
} from './safetensors.js';

/** A file from its parts, with no check at all. */
function fileOf(header: string, data: Uint8Array): Uint8Array {
  const json = Buffer.from(header);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  return Buffer.concat([length, json, data]);
}

function entry(
  begin: number,
  end: number,
  shape = [(end - begin) / 4],
): object {
  return { dtype: 'F32', shape, data_offsets: [begin, end] };
}

const shape = fc.array(fc.nat(3), { maxLength: 3 });
const tensor: fc.Arbitrary<NamedTensor> = fc
  .tuple(fc.string({ unit: 'binary' }), shape)
  .filter(([name]) => name !== '__metadata__')
  .chain(([name, dimensions]) => {
    const length = dimensions.reduce((a, b) => a * b, 1);
    return fc
      .array(fc.float({ noNaN: true }), {
        minLength: length,
        maxLength: length,
      })
      .map((v) => ({ name, shape: dimensions, data: Float32Array.from(v) }));
  });
const tensors = fc.uniqueArray(tensor, {
  selector: ({ name }) => name,
  maxLength: 5,
});
const metadata = fc.dictionary(fc.string(), fc.string(), { maxKeys: 3 });

describe('encodeSafetensors', () => {
  it('writes the format byte for byte', () => {
    const file = encodeSafetensors({
      tensors: [{ name: 'w', shape: [1, 2], data: Float32Array.of(1, -2) }],
      metadata: { a: 'b' },
    });
    const json =
      '{"__metadata__":{"a":"b"},"w":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]}}';
    // 81 characters, padded to 88 = 0x58; 1 is 0x3f800000, -2 is 0xc0000000.
    expect(json).toHaveLength(81);
    const expected = Buffer.concat([
      Buffer.from('5800000000000000', 'hex'),
      Buffer.from(json.padEnd(88, ' ')),
      Buffer.from('0000803f000000c0', 'hex'),
    ]);
    expect(Buffer.from(file).toString('hex')).toBe(expected.toString('hex'));
  });

  it('takes views of a larger vector', () => {
    const vector = Float32Array.of(9, 1, 2, 9);
    const { tensors } = decodeSafetensors(
      encodeSafetensors({
        tensors: [{ name: 'w', shape: [2], data: vector.subarray(1, 3) }],
        metadata: {},
      }),
    );
    expect(tensors[0]?.data).toEqual(Float32Array.of(1, 2));
  });

  const one = { name: 'w', shape: [1], data: Float32Array.of(1) };
  it.each([
    ['a name twice', [one, one], "name 'w' is taken"],
    [
      'the reserved name',
      [{ ...one, name: '__metadata__' }],
      "name '__metadata__' is taken",
    ],
    [
      'a shape of another size',
      [{ ...one, shape: [2, 3] }],
      "tensor 'w' of shape [2, 3] has 1 elements",
    ],
  ])('refuses %s', (_, list, message) => {
    expect(() => encodeSafetensors({ tensors: list, metadata: {} })).toThrow(
      new RangeError(`safetensors: ${message}`),
    );
  });
});

describe('decodeSafetensors', () => {
  it('gives back what was encoded, from any position in a buffer', () => {
    fc.assert(
      fc.property(tensors, metadata, fc.nat(9), (list, texts, shift) => {
        const file = encodeSafetensors({ tensors: list, metadata: texts });
        expect(new DataView(file.buffer).getUint32(0, true) % 8).toBe(0);
        const padded = new Uint8Array(file.length + shift);
        padded.set(file, shift);
        const decoded = decodeSafetensors(padded.subarray(shift));
        // Empty tensors begin where others do: compare by name.
        const byName = (a: NamedTensor, b: NamedTensor): number =>
          a.name < b.name ? -1 : 1;
        expect([...decoded.tensors].sort(byName)).toEqual(
          [...list].sort(byName),
        );
        expect({ ...decoded.metadata }).toEqual({ ...texts });
      }),
    );
  });

  it('gives views where the bytes are aligned', () => {
    const file = encodeSafetensors({
      tensors: [{ name: 'w', shape: [2], data: Float32Array.of(1, 2) }],
      metadata: {},
    });
    const { tensors } = decodeSafetensors(file);
    expect(tensors[0]?.data.buffer).toBe(file.buffer);
  });

  it('needs no metadata and takes any order of the entries', () => {
    const header = JSON.stringify({ b: entry(4, 8), a: entry(0, 4) });
    const data = new Uint8Array(Float32Array.of(1, 2).buffer);
    const { tensors, metadata } = decodeSafetensors(fileOf(header, data));
    expect(tensors.map(({ name }) => name)).toEqual(['a', 'b']);
    expect(metadata).toEqual({});
  });

  const refusals: readonly [what: string, header: unknown, bytes: number][] = [
    ['an overlap', { a: entry(0, 8), b: entry(4, 12) }, 12],
    ['a gap', { a: entry(0, 4), b: entry(8, 12) }, 12],
    ['data before the first tensor', { a: entry(4, 8) }, 8],
    ['data after the last tensor', { a: entry(0, 4) }, 8],
    ['too little data', { a: entry(0, 8) }, 4],
    ['offsets the wrong way round', { a: entry(4, 0, [1]) }, 4],
    ['a shape of another size', { a: entry(0, 8, [3]) }, 8],
    ['another dtype', { a: { ...entry(0, 4), dtype: 'F16' } }, 4],
    ['a negative dimension', { a: entry(0, 4, [-1, -1]) }, 4],
    ['a fractional offset', { a: entry(0, 4.5) }, 4],
    ['an unknown key', { a: { ...entry(0, 4), more: 1 } }, 4],
    ['an entry that is no object', { a: 1 }, 0],
    ['metadata that is no text', { __metadata__: { a: 1 } }, 0],
  ];
  it.each(refusals)('refuses %s', (_, header, bytes) => {
    const file = fileOf(JSON.stringify(header), new Uint8Array(bytes));
    expect(() => decodeSafetensors(file)).toThrow(
      expect.objectContaining({ code: 'ERR_CHECKPOINT_CORRUPT' }) as Error,
    );
  });

  it.each([
    ['no header', new Uint8Array(7), 'expected at least 8 bytes, got 7'],
    [
      'a header longer than the file',
      Buffer.from('0900000000000000' + '7b7d', 'hex'),
      'expected a header of at most 2 bytes, got 9',
    ],
    [
      'a header of 2^63 bytes',
      Buffer.from('0000000000000080', 'hex'),
      'expected a header of at most 0 bytes, got 9223372036854775808',
    ],
    [
      'a header that is a list',
      fileOf('[]', new Uint8Array()),
      "expected a header that begins with '{'",
    ],
    [
      'a header that is no JSON',
      fileOf('{a}', new Uint8Array()),
      'expected a header of JSON in UTF-8',
    ],
    [
      'a header that is no UTF-8',
      Buffer.from('0700000000000000' + '7b22ff223a317d', 'hex'),
      'expected a header of JSON in UTF-8',
    ],
  ])('refuses %s', (_, file, message) => {
    expect(() => decodeSafetensors(file)).toThrow(`safetensors: ${message}`);
  });

  it('throws nothing but ERR_CHECKPOINT_CORRUPT, whatever the bytes', () => {
    const header = fc.oneof(fc.json(), fc.string()).map((s) => `{"a":${s}}`);
    fc.assert(
      fc.property(header, fc.uint8Array({ maxLength: 16 }), (json, data) => {
        try {
          decodeSafetensors(fileOf(json, data));
        } catch (error) {
          expect(error).toMatchObject({ code: 'ERR_CHECKPOINT_CORRUPT' });
        }
      }),
      { numRuns: 500 },
    );
  });
});

const PYTHON = `
import sys
from safetensors.numpy import load_file, save_file
tensors = load_file(sys.argv[1])
assert tensors["a/b"].tolist() == [[1.5, -2.0], [3.0, 0.25]], tensors
save_file(tensors, sys.argv[2], metadata={"from": "python"})
`;
/** A Python that has the package. */
const python = process.env['TEST_PYTHON'] ?? 'python3';
const probe = spawnSync(python, ['-c', 'import safetensors.numpy']);

describe('the reference implementation', () => {
  it('reads ours, and we read its', async (context) => {
    if (probe.status !== 0) context.skip('no Python package safetensors');
    const folder = await mkdtemp(join(tmpdir(), 'safetensors-'));
    const [ours, theirs] = [join(folder, 'ours'), join(folder, 'theirs')];
    const data = Float32Array.of(1.5, -2, 3, 0.25);
    const tensors = [{ name: 'a/b', shape: [2, 2], data }];
    await writeFile(ours, encodeSafetensors({ tensors, metadata: {} }));
    const run = spawnSync(python, ['-c', PYTHON, ours, theirs]);
    expect(run.stderr.toString()).toBe('');
    const decoded = decodeSafetensors(await readFile(theirs));
    expect(decoded).toEqual({ tensors, metadata: { from: 'python' } });
    await rm(folder, { recursive: true });
  });
});
