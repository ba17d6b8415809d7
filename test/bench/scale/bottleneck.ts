/**
 * Where the time of a step goes.
 */

/** What may be in the way. */
export type Bottleneck =
  | 'compute'
  | 'straggler'
  | 'server NIC'
  | 'server CPU'
  | 'worker NIC';

/**
 * Milliseconds of a step that each would take if it were alone: the mean of
 * the workers' computing; how much longer the slowest computes; sending and
 * receiving at the busiest server (they are not at the same time, as a step's
 * pushes end before its parameters go out); that server's core; sending and
 * receiving at a worker.
 */
export type Burdens = Readonly<Record<Bottleneck, number>>;

/** The largest burden; the first of equal ones. */
export function bottleneckOf(burdens: Burdens): Bottleneck {
  const names = Object.keys(burdens) as Bottleneck[];
  return names.reduce((worst, one) =>
    burdens[one] > burdens[worst] ? one : worst,
  );
}
