/**
 * The metrics that the panels ask for. Ours come from the catalogue, so that
 * a panel of a metric that was renamed does not compile.
 */
import { SERVER_METRICS, WORKER_METRICS } from '@muster/telemetry';

/** What has a name that Prometheus knows. */
export interface Named {
  readonly name: string;
}

/** What a parameter server tells. */
export const SERVER = SERVER_METRICS;

/** What a worker tells. */
export const WORKER = WORKER_METRICS;

/** Of prom-client's default metrics, which every process tells. */
export const NODE = {
  residentMemory: { name: 'process_resident_memory_bytes' },
  cpu: { name: 'process_cpu_seconds_total' },
  startTime: { name: 'process_start_time_seconds' },
  eventLoopLag: { name: 'nodejs_eventloop_lag_seconds' },
  eventLoopLagP99: { name: 'nodejs_eventloop_lag_p99_seconds' },
} as const satisfies Record<string, Named>;

/** What the rules of `deploy/prometheus` record. */
export const RECORDED = {
  runImages: { name: 'run:muster_images:rate1m' },
  workerImages: { name: 'worker:muster_images:rate1m' },
  workerStepSeconds: { name: 'worker:muster_step_seconds:mean1m' },
  straggler: { name: 'run:muster_straggler:ratio' },
  scalingEfficiency: { name: 'run:muster_scaling_efficiency:ratio' },
  phaseShare: { name: 'run:muster_phase:share1m' },
  checkpointAge: { name: 'run:muster_checkpoint_age:seconds' },
} as const satisfies Record<string, Named>;
