/** As the launcher starts a process: apps/muster/src/processes/node-flags.ts. */
export const PROCESS_FLAGS = [
  '--no-incremental-marking',
  '--single-threaded-gc',
];

/** As the launcher sets glibc's allocator. */
export const PROCESS_MEMORY = {
  MALLOC_MMAP_THRESHOLD_: '1073741824',
  MALLOC_TRIM_THRESHOLD_: '1073741824',
};
