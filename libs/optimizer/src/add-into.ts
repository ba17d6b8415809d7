/**
 * Elementwise float32 addition: the only operation by which contributions are
 * ever joined.
 */
import { kernels } from './kernels/index.js';

/**
 * Adds `source` to `target` in place, element by element, each sum rounded
 * once to float32.
 *
 * @param target - [length] float32; owned by the caller, changed in place.
 * @param source - [length] float32; only read, may be reused at once.
 * @throws RangeError if the lengths differ.
 */
export function addInto(target: Float32Array, source: Float32Array): void {
  const { length } = target;
  if (source.length !== length) {
    throw new RangeError(
      `sum of slices: expected ${length} elements, got ${source.length}`,
    );
  }
  kernels.addInto(target, source);
}
