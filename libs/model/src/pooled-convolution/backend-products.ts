/** Products of matrices by the active backend of TensorFlow.js. */
import type { Tensor2D } from '@tensorflow/tfjs';
import { tensorflow } from '../tensorflow.js';
import { alignedFloats } from './aligned-memory.js';
import type { Matrix, ProductInput, Products } from './products.js';

interface TensorMatrix extends Matrix {
  readonly tensor: Tensor2D;
}

/** Works on every backend; see {@link Products}. */
export class BackendProducts implements Products {
  readonly isShared = isMemoryShared();

  matrix(values: Float32Array, rows: number, columns: number): TensorMatrix {
    const tensor = tensorflow().tensor2d(values, [rows, columns]);
    return { values, rows, columns, tensor };
  }

  lasting(values: Float32Array, rows: number, columns: number): TensorMatrix {
    const matrix = this.matrix(values, rows, columns);
    tensorflow().keep(matrix.tensor);
    return matrix;
  }

  free(matrix: Matrix): void {
    (matrix as TensorMatrix).tensor.dispose();
  }

  scope(run: () => void): void {
    // Nothing is returned: tidy walks what is, element by element.
    tensorflow().tidy(() => {
      run();
    });
  }

  multiply(input: ProductInput): Float32Array {
    const { isATransposed = false, isBTransposed = false, into } = input;
    const [a, b] = [input.a, input.b].map((m) => (m as TensorMatrix).tensor);
    const product = tensorflow()
      .matMul(a as Tensor2D, b as Tensor2D, isATransposed, isBTransposed)
      .dataSync<'float32'>();
    into?.set(product);
    return into ?? product;
  }
}

/** Tries it out: writes below a tensor that an operation has seen already. */
function isMemoryShared(): boolean {
  const tf = tensorflow();
  const memory = alignedFloats(16);
  let seen = 0;
  tf.tidy(() => {
    const tensor = tf.tensor1d(memory.fill(1));
    tf.neg(tensor).dataSync();
    memory.fill(2);
    seen = tf.neg(tensor).dataSync()[0] ?? 0;
  });
  return seen === -2;
}
