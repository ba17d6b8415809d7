/** Chooses, loads and starts the backend that the arithmetic runs on. */
import { availableParallelism } from 'node:os';
import util from 'node:util';
import { MusterError } from '@muster/protocol';
import { numericsFingerprint } from './numerics.js';
import { nativeKernels } from './pooled-convolution/native-kernels.js';
import { describeProducts } from './pooled-convolution/products.js';
import {
  requireNodeBinding,
  requireWasm,
  resolvePackageFile,
  tensorflow,
} from './tensorflow.js';
import { registerWasmKernels } from './wasm-kernels.js';

/** The backends that training runs on. */
export type BackendName = 'tensorflow' | 'wasm';

/** What was started, for logs, `muster doctor` and the numerics label. */
export interface BackendInfo {
  readonly name: BackendName;
  /** Of libtensorflow, or of the WASM package. */
  readonly libraryVersion: string;
  /** Threads that one operation may use. */
  readonly threads: number;
  /** SHA-256 of all that can change a gradient's bits, 64 hex digits. */
  readonly numerics: string;
  /** Why this backend, as a part of a sentence. */
  readonly reason: string;
  /**
   * Which convolution runs: `native, avx512`, or `wasm: ` and why; and who
   * multiplies matrices.
   */
  readonly kernels: string;
}

const SIMD_FILE =
  '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm';
const WASM_FILES = [
  'tfjs-backend-wasm.wasm',
  'tfjs-backend-wasm-simd.wasm',
  'tfjs-backend-wasm-threaded-simd.wasm',
] as const;

/** Tensors that are alive at present; call it once a backend has started. */
export function numTensors(): number {
  return tensorflow().memory().numTensors;
}

/**
 * Puts back what tfjs-node 4.22 calls and Node 23 took out, and Node 22 warns
 * of (https://github.com/tensorflow/tfjs/pull/8425, never released).
 */
function restoreNodeUtil(): void {
  const target = util as unknown as Record<string, unknown>;
  target['isNullOrUndefined'] = (value: unknown) =>
    value === null || value === undefined;
  target['isArray'] = (value: unknown) => Array.isArray(value);
}

function numThreads(env: NodeJS.ProcessEnv): number {
  const asked = Number(env['TF_NUM_INTRAOP_THREADS']);
  return asked >= 1 ? asked : availableParallelism();
}

function activate(name: BackendName, active: string): void {
  if (active === name) return;
  throw new Error(
    `backend '${active}' is active after loading '${name}': there may be two ` +
      'copies of @tensorflow/tfjs-core; check with npm ls @tensorflow/tfjs-core',
  );
}

async function startTensorflow(reason: string): Promise<BackendInfo> {
  const tf = tensorflow();
  restoreNodeUtil();
  // Read by the library when it loads. oneDNN's convolutions are several
  // times faster on processors for which the library does not choose them.
  process.env['TF_CPP_MIN_LOG_LEVEL'] ??= '2';
  process.env['TF_ENABLE_ONEDNN_OPTS'] ??= '1';
  const { version } = requireNodeBinding();
  await tf.setBackend('tensorflow');
  activate('tensorflow', tf.getBackend());
  const backend = tf.backend() as unknown as {
    binding?: { TF_Version?: string };
  };
  const libraryVersion = backend.binding?.TF_Version ?? 'unknown';
  return {
    name: 'tensorflow',
    libraryVersion,
    threads: numThreads(process.env),
    numerics: numericsFingerprint('tensorflow', {
      ...version,
      libtensorflow: libraryVersion,
    }),
    reason,
    kernels: `${nativeKernels().description}; ${describeProducts()}`,
  };
}

async function startWasm(reason: string): Promise<BackendInfo> {
  const tf = tensorflow();
  const wasm = requireWasm();
  if (tf.engine().registry['wasm'] === undefined) {
    const directory = resolvePackageFile(SIMD_FILE).replace(/[^/\\]*$/, '');
    const files = WASM_FILES.map((file) => [file, directory + file]);
    wasm.setWasmPaths(Object.fromEntries(files) as Record<string, string>);
    // One thread: more would be worker threads, and other orders of sums.
    tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', false);
  }
  await tf.setBackend('wasm');
  activate('wasm', tf.getBackend());
  registerWasmKernels();
  return {
    name: 'wasm',
    libraryVersion: wasm.version_wasm,
    threads: 1,
    numerics: numericsFingerprint('wasm', {
      ...tf.version,
      'tfjs-backend-wasm': wasm.version_wasm,
      simd: await tf.env().getAsync('WASM_HAS_SIMD_SUPPORT').then(Boolean),
    }),
    reason,
    kernels: `${nativeKernels().description}; ${describeProducts()}`,
  };
}

/** The first line of an error's message, without its end. */
function firstLine(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return (message.split('\n')[0] ?? '').trim().slice(0, 200);
}

async function start(name: BackendName, reason: string): Promise<BackendInfo> {
  try {
    return name === 'wasm'
      ? await startWasm(reason)
      : await startTensorflow(reason);
  } catch (cause) {
    const other = name === 'wasm' ? 'tensorflow' : 'wasm';
    throw new MusterError(
      'ERR_BACKEND',
      `backend '${name}' cannot be started: ${firstLine(cause)}; ` +
        `run 'muster doctor', or use --backend ${other}`,
      { cause },
    );
  }
}

/**
 * Starts a backend; every network afterwards runs on it. `auto` takes
 * TensorFlow's native library where it loads, otherwise WASM. Thread settings
 * (`TF_NUM_INTRAOP_THREADS`) are read from the environment of the process when
 * the library loads for the first time.
 *
 * @throws MusterError ERR_BACKEND when the asked-for one cannot be started
 */
export async function startBackend(
  choice: 'auto' | BackendName,
): Promise<BackendInfo> {
  if (choice !== 'auto')
    return start(choice, `--backend ${choice} was asked for`);
  try {
    return await start('tensorflow', 'the native library is installed');
  } catch (error) {
    const cause = error instanceof MusterError ? error.cause : error;
    return start(
      'wasm',
      `the native library does not load: ${firstLine(cause)}`,
    );
  }
}
