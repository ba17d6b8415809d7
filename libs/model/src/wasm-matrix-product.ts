/** Products of transposed matrices, fast on the WASM backend. */
import type { Tensor } from '@tensorflow/tfjs';
import { tensorflow } from './tensorflow.js';

/** Swaps the last two axes. */
function transposed(tensor: Tensor): Tensor {
  const order = Array.from({ length: tensor.rank }, (_, i) => i);
  return tensorflow().transpose(tensor, [
    ...order.slice(0, -2),
    tensor.rank - 1,
    tensor.rank - 2,
  ]);
}

/** The plain product `[..., m, k] x [..., k, n]`; the caller disposes it. */
export type Multiply = (a: Tensor, b: Tensor) => Tensor;

/**
 * A matrix product whose transposes are done first: only the plain product
 * runs on XNNPACK. Of `a b'` and `(b a')'`, the same sums, it takes the one
 * that transposes less. Makes tensors that a tidy must end.
 */
export function multiplyTransposed(
  multiply: Multiply,
  { a, b }: { a: Tensor; b: Tensor },
  isTransposed: { a: boolean; b: boolean },
): Tensor {
  const left = isTransposed.a ? transposed(a) : a;
  if (!isTransposed.b) return multiply(left, b);
  const rows = left.shape.at(-2) ?? 1;
  const inner = left.shape.at(-1) ?? 1;
  const columns = b.shape.at(-2) ?? 1;
  return rows * (inner + columns) < inner * columns
    ? transposed(multiply(b, transposed(left)))
    : multiply(left, transposed(b));
}
