/**
 * How numbers lie in memory. For a 3x3 kernel over one channel, the kernel and
 * its gradient are [filters / 4, 9, 4], so that all addresses within a group
 * of four filters are constant offsets.
 */

/** Bytes of one v128: four float32 elements. */
export const WIDTH: usize = 16;
/** Bytes of one group of a 3x3 kernel: nine taps of four filters. */
export const GROUP: usize = 9 * WIDTH;
/** Bytes of one pixel of one channel, a float32. */
export const PIXEL: usize = 4;
