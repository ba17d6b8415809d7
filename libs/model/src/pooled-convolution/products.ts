/**
 * Products of matrices, by TensorFlow's library on arrays where they lie
 * where our addon is, otherwise by the backend of TensorFlow.js. On the native
 * library both run the same operation: the same bits.
 */
import { dirname, join } from 'node:path';
import { resolvePackageFile, tensorflow } from '../tensorflow.js';
import { BackendProducts } from './backend-products.js';
import { nativeKernels, type ProductsAddon } from './native-kernels.js';

/** A matrix as {@link Products} makes it. */
export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  /** float32 [rows, columns], the array that it was made of. */
  readonly values: Float32Array;
}

/** The factors of a product, each as it is or transposed, and where to. */
export interface ProductInput {
  readonly a: Matrix;
  readonly isATransposed?: boolean;
  readonly b: Matrix;
  readonly isBTransposed?: boolean;
  /** float32 [rows of the product * its columns]; a new array without it. */
  readonly into?: Float32Array | undefined;
}

/** Multiplies matrices; not for use from several threads. */
export interface Products {
  /** Whether a matrix sees what is written to its array later. */
  readonly isShared: boolean;
  /** Makes a matrix that lasts until the scope's end, and keeps its array. */
  matrix(values: Float32Array, rows: number, columns: number): Matrix;
  /** Makes a matrix that lasts until it is freed. */
  lasting(values: Float32Array, rows: number, columns: number): Matrix;
  /** Frees a lasting matrix. */
  free(matrix: Matrix): void;
  /** Frees all matrices that `run` makes. */
  scope(run: () => void): void;
  /** Gives `into`, or a new array. */
  multiply(input: ProductInput): Float32Array;
}

let opened: ProductsAddon | undefined;

/** Makes the fastest that runs on the active backend. */
export function createProducts(): Products {
  const addon = openAddon();
  return addon ? new NativeProducts(addon) : new BackendProducts();
}

/** How matrices are multiplied on the active backend, for logs. */
export function describeProducts(): string {
  return openAddon() ? 'products in place' : 'products by TensorFlow.js';
}

function openAddon(): ProductsAddon | undefined {
  if (tensorflow().getBackend() !== 'tensorflow') return undefined;
  const { products } = nativeKernels();
  if (opened === undefined && products !== undefined) {
    const manifest = resolvePackageFile('@tensorflow/tfjs-node/package.json');
    const folder = join(dirname(manifest), 'deps', 'lib');
    const isOpen = products.openLibrary(join(folder, 'libtensorflow.so.2'));
    if (isOpen) opened = products;
  }
  return opened;
}

class NativeProducts implements Products {
  readonly isShared = true;
  readonly #addon: ProductsAddon;

  constructor(addon: ProductsAddon) {
    this.#addon = addon;
  }

  matrix(values: Float32Array, rows: number, columns: number): Matrix {
    return { values, rows, columns };
  }

  lasting(values: Float32Array, rows: number, columns: number): Matrix {
    return this.matrix(values, rows, columns);
  }

  free(): void {
    // it is an array
  }

  scope(run: () => void): void {
    run();
  }

  multiply(input: ProductInput): Float32Array {
    const { a, b, isATransposed = false, isBTransposed = false } = input;
    const rows = isATransposed ? a.columns : a.rows;
    const columns = isBTransposed ? b.rows : b.columns;
    const into = input.into ?? new Float32Array(rows * columns);
    this.#addon.multiply(
      ...([a.rows, a.columns, Number(isATransposed)] as const),
      ...([b.rows, b.columns, Number(isBTransposed)] as const),
      ...([a.values, b.values, into] as const),
    );
    return into;
  }
}
