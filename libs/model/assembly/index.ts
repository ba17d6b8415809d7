/**
 * The module's exports. AssemblyScript: not compiled by tsc.
 *
 * A linear convolution followed by 2x2 max pooling, as one operation, and its
 * gradient. A window's four outputs of the convolution (its phases 0 to 3, in
 * row-major order) are computed side by side and never stored: only the
 * greatest one and which it was. Ties go to the first, as in TensorFlow. Sums
 * run over the taps (kernel row, kernel column, channel) in that order.
 *
 * Sizes: images [count, rows, columns, channels]; kernel [taps, filters];
 * windows [count, down, across], `filters` a multiple of 4.
 */
export { backward } from './backward';
export { backward3x3 } from './backward-3x3';
export { forward } from './forward';
export { forward3x3 } from './forward-3x3';
export { scale } from './scale';
