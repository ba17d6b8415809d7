import { tensorflow } from './tensorflow.js';
/** Swaps the last two axes. */
function transposed(tensor) {
    const order = Array.from({ length: tensor.rank }, (_, i) => i);
    return tensorflow().transpose(tensor, [
        ...order.slice(0, -2),
        tensor.rank - 1,
        tensor.rank - 2,
    ]);
}
/**
 * A matrix product whose transposes are done first: only the plain product
 * runs on XNNPACK. Of `a b'` and `(b a')'`, the same sums, it takes the one
 * that transposes less. Makes tensors that a tidy must end.
 */
export function multiplyTransposed(multiply, { a, b }, isTransposed) {
    const left = isTransposed.a ? transposed(a) : a;
    if (!isTransposed.b)
        return multiply(left, b);
    const rows = left.shape.at(-2) ?? 1;
    const inner = left.shape.at(-1) ?? 1;
    const columns = b.shape.at(-2) ?? 1;
    return rows * (inner + columns) < inner * columns
        ? transposed(multiply(b, transposed(left)))
        : multiply(left, transposed(b));
}
