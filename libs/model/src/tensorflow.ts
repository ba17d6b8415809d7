/**
 * The one door to TensorFlow.js. All its packages are CommonJS with one
 * shared engine; loading each of them through `require`, here, keeps ES module
 * loaders and bundler conditions from making a second copy.
 */
import { createRequire } from 'node:module';
import type * as tfjs from '@tensorflow/tfjs';
import type * as tfjsWasm from '@tensorflow/tfjs-backend-wasm';

/** The TensorFlow.js API, without any native backend. */
export type TensorFlow = typeof tfjs;

/** What this library uses of `@tensorflow/tfjs-node`. */
export interface NodeBinding {
  readonly version: Readonly<Record<string, string>>;
}

const require = createRequire(import.meta.url);
let loaded: TensorFlow | undefined;

/**
 * Loads TensorFlow.js on the first call (about 0.2 s) and gives the same
 * object ever after. Without {@link startBackend} its slow JavaScript backend
 * is active: enough to build a network, not to train one.
 */
export function tensorflow(): TensorFlow {
  if (loaded === undefined) {
    loaded = require('@tensorflow/tfjs') as TensorFlow;
    // Production mode: no banner, no check of every value for NaN.
    loaded.enableProdMode();
  }
  return loaded;
}

/**
 * Loads the native library; its backend is active afterwards.
 *
 * @throws Error as the module loader or the library's own start gives it
 */
export function requireNodeBinding(): NodeBinding {
  return require('@tensorflow/tfjs-node') as NodeBinding;
}

/** Loads the package of the WASM backend; it is not active afterwards. */
export function requireWasm(): typeof tfjsWasm {
  tensorflow();
  return require('@tensorflow/tfjs-backend-wasm') as typeof tfjsWasm;
}

/** The absolute path of a file inside an installed package. */
export function resolvePackageFile(specifier: string): string {
  return require.resolve(specifier);
}
