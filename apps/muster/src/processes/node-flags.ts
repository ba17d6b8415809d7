/**
 * How Node collects garbage in the processes of a cluster. Each step brings
 * megabytes of frames and leaves a small heap: V8 takes that for memory
 * pressure and marks the heap little by little, all the time, with threads
 * that the workers' cores do not have. Marking it at once, when it is due, by
 * the thread itself, made an epoch of 2 workers on 2 cores take 0.7 of the
 * time (20.5 s against 29.1 s, alternating runs).
 */
export const NODE_FLAGS: readonly string[] = [
  '--no-incremental-marking',
  '--single-threaded-gc',
];

/**
 * What glibc's allocator is told: to keep megabytes in the heap instead of
 * giving them back to the system with each tensor and each frame. A vector of
 * 2.4 MB that comes from the system anew costs 600 page faults, 1.2 ms; from
 * the heap 0.1 ms, and a step has eight of them. Other C libraries do not
 * read these names. What a person has set stays.
 */
export const MEMORY_SETTINGS: Readonly<Record<string, string>> = {
  MALLOC_MMAP_THRESHOLD_: '1073741824',
  MALLOC_TRIM_THRESHOLD_: '1073741824',
};

/**
 * How a server differs: it has no tensors, but frames of megabytes that come
 * and go, and its memory is not to grow with them. A small new space lets the
 * frames of a step be found as garbage early; one arena, trimmed at 32 MiB,
 * reuses what they leave. Ten epochs with two workers: 150 to 181 MiB instead
 * of 193, and processor time a push 0.95 of what it was (alternating runs).
 */
export const SERVER_NODE_FLAGS: readonly string[] = [
  ...NODE_FLAGS,
  '--max-semi-space-size=2',
];

/** {@link MEMORY_SETTINGS} of a server. */
export const SERVER_MEMORY_SETTINGS: Readonly<Record<string, string>> = {
  MALLOC_ARENA_MAX: '1',
  MALLOC_MMAP_THRESHOLD_: '33554432',
  MALLOC_TRIM_THRESHOLD_: '33554432',
};
