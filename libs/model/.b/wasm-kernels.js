import { filterGradient, } from './wasm-filter-gradient.js';
import { multiplyTransposed } from './wasm-matrix-product.js';
import { maxPoolGradient } from './wasm-max-pool-gradient.js';
import { tensorflow } from './tensorflow.js';
const backendName = 'wasm';
function registerFilterGradient() {
    const tf = tensorflow();
    tf.registerKernel({
        kernelName: 'Conv2DBackpropFilter',
        backendName,
        kernelFunc: ({ inputs, attrs }) => {
            const { x, dy } = inputs;
            const attributes = attrs;
            return tf.tidy(() => filterGradient(x, dy, attributes));
        },
    });
}
function replaceMatrixProduct() {
    const tf = tensorflow();
    const original = tf.getKernel('BatchMatMul', backendName);
    tf.unregisterKernel('BatchMatMul', backendName);
    tf.registerKernel({
        ...original,
        kernelFunc: ({ inputs, backend, attrs }) => {
            const { transposeA, transposeB } = attrs;
            const multiply = (a, b) => {
                const product = original.kernelFunc({
                    inputs: { a, b },
                    backend,
                    attrs: { transposeA: false, transposeB: false },
                });
                return tf.engine().makeTensorFromTensorInfo(product);
            };
            const isTransposed = { a: transposeA === true, b: transposeB === true };
            const matrices = inputs;
            return tf.tidy(() => multiplyTransposed(multiply, matrices, isTransposed));
        },
    });
}
function replaceMaxPoolGradient() {
    const tf = tensorflow();
    tf.unregisterKernel('MaxPoolGrad', backendName);
    tf.registerKernel({
        kernelName: 'MaxPoolGrad',
        backendName,
        kernelFunc: ({ inputs, backend, attrs }) => {
            const wasm = backend;
            const { input, dy } = inputs;
            const attributes = attrs;
            const pooling = tf.backend_util.computePool2DInfo(input.shape, attributes['filterSize'], attributes['strides'], 1, attributes['pad'], attributes['dimRoundingMode']);
            // Views come after the output: making it can move the memory.
            const output = wasm.makeOutput(input.shape, 'float32');
            const view = (tensor) => wasm.typedArrayFromHeap(tensor);
            const into = view(output).fill(0);
            maxPoolGradient(view(input), view(dy), pooling, into);
            return output;
        },
    });
}
let isRegistered = false;
/** Puts the operations in place, once a process, after the backend's own. */
export function registerWasmKernels() {
    if (isRegistered)
        return;
    isRegistered = true;
    registerFilterGradient();
    replaceMatrixProduct();
    replaceMaxPoolGradient();
}
