/**
 * The one door to TensorFlow.js. All its packages are CommonJS with one
 * shared engine; loading each of them through `require`, here, keeps ES module
 * loaders and bundler conditions from making a second copy.
 */
import { createRequire } from 'node:module';
const require = createRequire(import.meta.url);
let loaded;
/**
 * Loads TensorFlow.js on the first call (about 0.2 s) and gives the same
 * object ever after. Without {@link startBackend} its slow JavaScript backend
 * is active: enough to build a network, not to train one.
 */
export function tensorflow() {
    if (loaded === undefined) {
        loaded = require('@tensorflow/tfjs');
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
export function requireNodeBinding() {
    return require('@tensorflow/tfjs-node');
}
/** Loads the package of the WASM backend; it is not active afterwards. */
export function requireWasm() {
    tensorflow();
    return require('@tensorflow/tfjs-backend-wasm');
}
/** The absolute path of a file inside an installed package. */
export function resolvePackageFile(specifier) {
    return require.resolve(specifier);
}
