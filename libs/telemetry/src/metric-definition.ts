/**
 * What the catalogue says of a metric, and the prom-client object made of it.
 */
import { Counter, Gauge, Histogram } from 'prom-client';
import type { Registry } from 'prom-client';

/**
 * The values a label can take: a closed set, or `constant` where a process
 * sets one value in its life (a version, a run's id).
 */
export type LabelValues = readonly string[] | 'constant';

/** One metric of the catalogue. */
export interface MetricDefinition {
  /** Base units at the end: `_seconds`, `_bytes`, `_ratio`, `_total`. */
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  /** One sentence, with the unit. */
  readonly help: string;
  readonly labels?: Readonly<Record<string, LabelValues>>;
  /** Upper bounds, in the metric's unit; histograms only. */
  readonly buckets?: readonly number[];
  /** A gauge that would lie as 0 has no sample until it is first set. */
  readonly absentUntilSet?: boolean;
}

/** Gives every combination of the closed labels' values. */
export function labelSets(
  definition: MetricDefinition,
): Record<string, string>[] {
  let sets: Record<string, string>[] = [{}];
  for (const [label, values] of Object.entries(definition.labels ?? {})) {
    if (values === 'constant') return [];
    sets = sets.flatMap((set) =>
      values.map((value) => ({ ...set, [label]: value })),
    );
  }
  return sets;
}

function commonConfiguration(registry: Registry, definition: MetricDefinition) {
  const { name, help, labels = {} } = definition;
  return { name, help, labelNames: Object.keys(labels), registers: [registry] };
}

/** Makes a counter; every closed label set starts at 0, so that none is missing. */
export function createCounter(
  registry: Registry,
  definition: MetricDefinition,
): Counter {
  const counter = new Counter(commonConfiguration(registry, definition));
  for (const set of labelSets(definition)) counter.inc(set, 0);
  return counter;
}

/** A counter of what is summed up elsewhere. */
export interface RunningTotal {
  /** Sets it to a sum that only grows; one that does not is passed over. */
  set(total: number): void;
}

/** Makes a counter that is told its sum; it starts at 0. */
export function createRunningTotal(
  registry: Registry,
  definition: MetricDefinition,
): RunningTotal {
  const counter = createCounter(registry, definition);
  let last = 0;
  return {
    set(total) {
      if (total <= last) return;
      counter.inc(total - last);
      last = total;
    },
  };
}

/** Sets a gauge, or takes its sample away where nothing is known. */
export function setIfKnown(gauge: Gauge, value: number | undefined): void {
  if (value === undefined) gauge.remove();
  else gauge.set(value);
}

/** Makes a gauge; it starts at 0, or without a sample if it is `absentUntilSet`. */
export function createGauge(
  registry: Registry,
  definition: MetricDefinition,
): Gauge {
  const gauge = new Gauge(commonConfiguration(registry, definition));
  for (const set of labelSets(definition)) {
    if (definition.absentUntilSet === true) gauge.remove(set);
    else gauge.set(set, 0);
  }
  return gauge;
}

/**
 * Makes a histogram.
 * @param sets label sets that start with no observation; the others come with
 *   their first one. Every closed label set if not given.
 */
export function createHistogram(
  registry: Registry,
  definition: MetricDefinition,
  sets = labelSets(definition),
): Histogram {
  const histogram = new Histogram({
    ...commonConfiguration(registry, definition),
    buckets: [...(definition.buckets ?? [])],
  });
  for (const set of sets) histogram.zero(set);
  return histogram;
}
