/**
 * The upper bounds of histograms, each list for one kind of figure.
 */

/** Seconds from a tenth of a millisecond: parts of a step. */
export const PHASE_BUCKETS = [
  0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25,
  0.5, 1, 2.5, 5, 10,
] as const;

/** Seconds from five milliseconds: whole steps. */
export const STEP_BUCKETS = [
  0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30,
] as const;

/** Seconds from one millisecond: files and round trips. */
export const DURATION_BUCKETS = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
] as const;

/** Seconds from a tenth of one: what was lost is there again. */
export const RECOVERY_BUCKETS = [
  0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 60, 150, 300,
] as const;

/** Steps: none, one, and so on to what nobody should wait for. */
export const STALENESS_BUCKETS = [
  0, 1, 2, 3, 4, 6, 8, 12, 16, 32, 64, 128, 256,
] as const;
