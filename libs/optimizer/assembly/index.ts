/** The module's exports. AssemblyScript: not compiled by tsc. */
export {
  add,
  addSquares,
  beginNorm,
  divide,
  endNorm,
  multiply,
} from './vector';
export { adam, momentum, nesterov, sgd } from './update-rules';
export {
  decodeBfloat16,
  decodeFloat16,
  encodeBfloat16,
  encodeFloat16,
  roundToBfloat16,
} from './half-precision';
