/**
 * PromQL by functions: a selector always asks for the runs, and where it is
 * about workers for the workers, that are chosen at the head of the dashboard.
 */
import type { Named } from './metric-names.js';

/** Long enough for a rate at the resolution of the graph, by Grafana. */
const WINDOW = '$__rate_interval';

/** `muster_step{run_id=~"$run"}`; `more` are matchers beside it. */
export function ofRun({ name }: Named, more = ''): string {
  return `${name}{run_id=~"$run"${more && `,${more}`}}`;
}

/** The series of the chosen workers of the chosen runs. */
export function ofWorkers(metric: Named, more = ''): string {
  return ofRun(metric, `worker=~"$worker"${more && `,${more}`}`);
}

/** What a worker's process tells that a server's tells too. */
export function ofWorkerProcesses(metric: Named): string {
  return ofWorkers(metric, 'job="muster-worker"');
}

/** What a server's process tells that a worker's tells too. */
export function ofServerProcesses(metric: Named): string {
  return ofRun(metric, 'job="muster-server"');
}

/** The `_sum` of a histogram: of seconds, or of steps. */
export function sumOf({ name }: Named): Named {
  return { name: `${name}_sum` };
}

/** The `_count` of a histogram. */
export function countOf({ name }: Named): Named {
  return { name: `${name}_count` };
}

/** The `_bucket` of a histogram. */
export function bucketOf({ name }: Named): Named {
  return { name: `${name}_bucket` };
}

/** How much a counter rises in a second. */
export function rate(counter: string): string {
  return `rate(${counter}[${WINDOW}])`;
}

/** How often a value changed within the resolution of the graph. */
export function changes(series: string): string {
  return `changes(${series}[${WINDOW}])`;
}

/** By how much a counter rose in all that the dashboard shows. */
export function inRange(counter: string): string {
  return `increase(${counter}[$__range])`;
}

/** One value a run: of the coordinator's gauge, the other servers have none. */
export function maxByRun(expression: string, more = ''): string {
  return `max by (run_id${more && `, ${more}`}) (${expression})`;
}

/** A sum a run, or a run and the labels in `more`. */
export function sumByRun(expression: string, more = ''): string {
  return `sum by (run_id${more && `, ${more}`}) (${expression})`;
}

/** One value a worker, over all of its lives. */
export function maxByWorker(expression: string): string {
  return maxByRun(expression, 'worker');
}

/** A sum a worker, or a worker and the labels in `more`. */
export function sumByWorker(expression: string, more = ''): string {
  return sumByRun(expression, `worker${more && `, ${more}`}`);
}

/** A quantile (0 to 1) of a histogram, by the labels that `by` names. */
export function quantile(q: number, buckets: string, by: string): string {
  return `histogram_quantile(${q}, sum by (${by}, le) (${rate(buckets)}))`;
}
