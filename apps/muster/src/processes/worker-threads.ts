/**
 * A worker computes with one thread, one worker a core: set in the
 * environment by whoever starts it, before TensorFlow's library is loaded.
 */
export const WORKER_THREADS: Readonly<Record<string, string>> = {
  TF_NUM_INTRAOP_THREADS: '1',
  TF_NUM_INTEROP_THREADS: '1',
  OMP_NUM_THREADS: '1',
  TF_CPP_MIN_LOG_LEVEL: '3',
};
