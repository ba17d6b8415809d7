/**
 * What the WASM backend lacks for training, or does wrongly or slowly, put in
 * its place among the backend's operations.
 */
import type { Tensor, Tensor4D, TensorInfo } from '@tensorflow/tfjs';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import {
  filterGradient,
  type ConvolutionAttributes,
} from './wasm-filter-gradient.js';
import { multiplyTransposed, type Multiply } from './wasm-matrix-product.js';
import { maxPoolGradient } from './wasm-max-pool-gradient.js';
import { tensorflow } from './tensorflow.js';

const backendName = 'wasm';

function registerFilterGradient(): void {
  const tf = tensorflow();
  tf.registerKernel({
    kernelName: 'Conv2DBackpropFilter',
    backendName,
    kernelFunc: ({ inputs, attrs }) => {
      const { x, dy } = inputs as { x: Tensor4D; dy: Tensor4D };
      const attributes = attrs as unknown as ConvolutionAttributes;
      return tf.tidy(() => filterGradient(x, dy, attributes));
    },
  });
}

function replaceMatrixProduct(): void {
  const tf = tensorflow();
  const original = tf.getKernel('BatchMatMul', backendName);
  tf.unregisterKernel('BatchMatMul', backendName);
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
      return tf.tidy(() =>
        multiplyTransposed(multiply, matrices, isTransposed),
      );
    },
  });
}

function replaceMaxPoolGradient(): void {
  const tf = tensorflow();
  tf.unregisterKernel('MaxPoolGrad', backendName);
  tf.registerKernel({
    kernelName: 'MaxPoolGrad',
    backendName,
    kernelFunc: ({ inputs, backend, attrs }) => {
      const wasm = backend as unknown as BackendWasm;
      const { input, dy } = inputs as { input: Tensor4D; dy: Tensor4D };
      const attributes = attrs as Record<string, unknown>;
      const pooling = tf.backend_util.computePool2DInfo(
        input.shape,
        attributes['filterSize'] as [number, number],
        attributes['strides'] as [number, number],
        1,
        attributes['pad'] as 'valid' | 'same',
        attributes['dimRoundingMode'] as 'floor' | undefined,
      );
      // Views come after the output: making it can move the memory.
      const output = wasm.makeOutput(input.shape, 'float32');
      const view = (tensor: TensorInfo): Float32Array =>
        wasm.typedArrayFromHeap(tensor) as Float32Array;
      const into = view(output).fill(0);
      maxPoolGradient(view(input), view(dy), pooling, into);
      return output;
    },
  });
}

let isRegistered = false;

/** Puts the operations in place, once a process, after the backend's own. */
export function registerWasmKernels(): void {
  if (isRegistered) return;
  isRegistered = true;
  registerFilterGradient();
  replaceMatrixProduct();
  replaceMaxPoolGradient();
}
