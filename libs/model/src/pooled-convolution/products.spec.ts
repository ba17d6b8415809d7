/**
 * Products in place have the bits of TensorFlow.js's own, whatever the shapes
 * and numbers; and refuse what does not fit.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { startBackend } from '../backend.js';
import { alignedFloats } from './aligned-memory.js';
import { BackendProducts } from './backend-products.js';
import { createProducts, type Products } from './products.js';

const { name, kernels } = await startBackend('auto');
const isInPlace = name === 'tensorflow' && kernels.includes('in place');

/** Rows, columns and the length of the sums; one is beyond a block. */
const size = fc.constantFrom(1, 2, 7, 16, 33, 300);

const missing = isInPlace ? '' : ` (skipped: ${name}, ${kernels})`;

describe.skipIf(missing !== '')(`products in place${missing}`, () => {
  it('have the bits of TensorFlow.js', () => {
    const products = createProducts();
    const backend = new BackendProducts();
    const numbers = fc.array(
      fc.oneof(
        fc.float({ min: -2, max: 2, noNaN: true }),
        fc.constantFrom(0, -0, 1e-42, 1e30),
      ),
      { minLength: 5, maxLength: 23 },
    );
    const cases = fc.record({
      ...{ rows: size, columns: size, inner: size, numbers },
      ...{ isATransposed: fc.boolean(), isBTransposed: fc.boolean() },
      isAligned: fc.boolean(),
    });
    fc.assert(
      fc.property(cases, ({ rows, columns, inner, numbers, ...given }) => {
        const fill = (length: number, shift: number): Float32Array => {
          const made = given.isAligned
            ? alignedFloats(length)
            : new Float32Array(length + 1).subarray(1);
          return made.map((_, i) => numbers[(i + shift) % numbers.length] ?? 0);
        };
        const [left, right] = [fill(rows * inner, 0), fill(inner * columns, 3)];
        const multiply = (by: Products): string => {
          let bytes = '';
          by.scope(() => {
            const a = given.isATransposed
              ? by.matrix(left, inner, rows)
              : by.matrix(left, rows, inner);
            const b = given.isBTransposed
              ? by.matrix(right, columns, inner)
              : by.matrix(right, inner, columns);
            const product = by.multiply({ a, b, ...given });
            expect(product).toHaveLength(rows * columns);
            bytes = Buffer.from(product.slice().buffer).toString('hex');
          });
          return bytes;
        };
        expect(multiply(products)).toBe(multiply(backend));
      }),
      { numRuns: 100, seed: 1 },
    );
  });

  it('are written where they are asked for, and refuse what does not fit', () => {
    const products = createProducts();
    const row = products.matrix(Float32Array.of(1, 2), 1, 2);
    const column = products.matrix(Float32Array.of(3, 4), 2, 1);
    const into = new Float32Array(3).fill(7);
    // 1 * 3 + 2 * 4
    products.multiply({ a: row, b: column, into: into.subarray(1, 2) });
    expect([...into]).toEqual([7, 11, 7]);
    expect(() => products.multiply({ a: row, b: column, into })).toThrow(
      'native kernel multiply, argument 9: expected float32 [1], got [3]',
    );
    expect(() => products.multiply({ a: row, b: row })).toThrow(
      'multiply: matrices do not fit',
    );
    const short = products.matrix(Float32Array.of(1), 1, 2);
    expect(() => products.multiply({ a: short, b: column })).toThrow(
      'native kernel multiply, argument 7: expected float32 [2], got [1]',
    );
  });
});
