/**
 * What the WASM backend lacks for training, made of what it has. It has no
 * gradient of a convolution by its filter, and multiplies transposed matrices
 * by a slow path of its own.
 */
import type { NamedTensorInfoMap, Tensor, Tensor4D, TensorInfo } from '@tensorflow/tfjs';
import { tensorflow } from './tensorflow.js';

type Attributes = Readonly<Record<string, unknown>>;
type Compute = (
  inputs: Readonly<Record<string, Tensor>>,
  attributes: Attributes,
) => Tensor;

/** The engine gives kernels whole tensors, and takes them back. */
const tensorsOf = (inputs: NamedTensorInfoMap): Record<string, Tensor> =>
  inputs as Record<string, Tensor>;

function register(kernelName: string, compute: Compute): void {
  tensorflow().registerKernel({
    kernelName,
    backendName: 'wasm',
    kernelFunc: ({ inputs, attrs }) =>
      tensorflow().tidy(() =>
        compute(tensorsOf(inputs), attrs as Attributes),
      ),
  });
}

/** How a convolution's filter moves over its padded input. */
interface Movement {
  readonly strides: readonly [number, number];
  readonly outputRows: number;
  readonly outputColumns: number;
}

/**
 * Gives the inputs that one filter element meets, as a matrix
 * `[inChannels, batch * outputRows * outputColumns]`.
 */
function rowsMet(padded: Tensor4D, move: Movement, y: number, x: number): Tensor {
  const tf = tensorflow();
  const [batch, rows, columns, channels] = padded.shape;
  const { outputRows, outputColumns, strides } = move;
  const [down, across] = strides;
  // Slices copy run by run of the last axis: pixels and channels are one.
  const met =
    down === 1 && across === 1
      ? tf.slice(
          tf.reshape(padded, [batch, rows, columns * channels]),
          [0, y, x * channels],
          [batch, outputRows, outputColumns * channels],
        )
      : tf.stridedSlice(
          padded,
          [0, y, x, 0],
          [
            batch,
            y + (outputRows - 1) * down + 1,
            x + (outputColumns - 1) * across + 1,
            channels,
          ],
          [1, down, across, 1],
        );
  const pixels = batch * outputRows * outputColumns;
  // One channel: the transpose is the same memory.
  return channels === 1
    ? tf.reshape(met, [1, pixels])
    : tf.transpose(tf.reshape(met, [pixels, channels]));
}

/**
 * `dFilter[y, x, i, o] = sum over b, r, c of
 * input[b, r * stride + y, c * stride + x, i] * dOutput[b, r, c, o]`:
 * one matrix product over all filter elements at once.
 */
const filterGradient: Compute = ({ x, dy }, attributes) => {
  const tf = tensorflow();
  const input = x as Tensor4D;
  const gradient = dy as Tensor4D;
  const filterShape = attributes['filterShape'] as [number, number, number, number];
  const { padInfo, outHeight, outWidth, strideHeight, strideWidth } =
    tf.backend_util.computeConv2DInfo(
      input.shape,
      filterShape,
      attributes['strides'] as [number, number],
      1,
      attributes['pad'] as 'valid',
      attributes['dimRoundingMode'] as 'floor',
    );
  const { top, bottom, left, right } = padInfo;
  const padded =
    top + bottom + left + right === 0
      ? input
      : tf.pad(input, [[0, 0], [top, bottom], [left, right], [0, 0]]);
  const move: Movement = {
    strides: [strideHeight, strideWidth],
    outputRows: outHeight,
    outputColumns: outWidth,
  };
  const met: Tensor[] = [];
  for (let row = 0; row < filterShape[0]; row += 1) {
    for (let column = 0; column < filterShape[1]; column += 1) {
      met.push(rowsMet(padded, move, row, column));
    }
  }
  const flat = tf.reshape(gradient, [-1, filterShape[3]]);
  const product = tf.matMul(tf.concat(met, 0) as Tensor, flat);
  return tf.reshape(product, filterShape);
};

/** Swaps the last two axes. */
function transposed(tensor: Tensor): Tensor {
  const order = Array.from({ length: tensor.rank }, (_, i) => i);
  return tensorflow().transpose(tensor, [
    ...order.slice(0, -2),
    tensor.rank - 1,
    tensor.rank - 2,
  ]);
}

type Multiply = (a: Tensor, b: Tensor) => Tensor;

/**
 * A matrix product whose transposes are done first: only the plain product
 * runs on XNNPACK. Of `a b'` and `(b a')'`, the same sums, it takes the one
 * that transposes less.
 */
function multiplyTransposed(
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

/** Kernels that this file has put in place. */
let isRegistered = false;

/** Registers the kernels with the WASM backend, once a process. */
export function registerWasmKernels(): void {
  if (isRegistered) return;
  isRegistered = true;
  const tf = tensorflow();
  register('Conv2DBackpropFilter', filterGradient);
  const original = tf.getKernel('BatchMatMul', 'wasm');
  tf.unregisterKernel('BatchMatMul', 'wasm');
  tf.registerKernel({
    ...original,
    kernelFunc: ({ inputs, backend, attrs }) => {
      const { transposeA, transposeB } = attrs as Record<string, boolean>;
      const multiply: Multiply = (a, b) => {
        const product = original.kernelFunc({
          inputs: { a, b },
          backend,
          attrs: { transposeA: false, transposeB: false },
        });
        return tf.engine().makeTensorFromTensorInfo(product as TensorInfo);
      };
      const isTransposed = { a: transposeA === true, b: transposeB === true };
      const matrices = inputs as { a: Tensor; b: Tensor };
      return tf.tidy(() => multiplyTransposed(multiply, matrices, isTransposed));
    },
  });
}
