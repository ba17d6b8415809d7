/** Number of elements of a tensor with this shape; 1 for a scalar's. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((size, length) => size * length, 1);
}
