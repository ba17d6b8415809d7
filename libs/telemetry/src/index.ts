export {
  COORDINATOR_METRICS,
  PROCESS_METRICS,
  SERVER_METRICS,
  SHARD_METRICS,
  WORKER_METRICS,
} from './catalogue.js';
export { createCoordinatorMetrics } from './coordinator-metrics.js';
export type { CoordinatorMetrics } from './coordinator-metrics.js';
export { startGuardedServer } from './guarded-server.js';
export type { GuardedServer, GuardedServerOptions } from './guarded-server.js';
export { startHealthServer } from './health-server.js';
export type {
  HealthServer,
  HealthServerOptions,
  Readiness,
} from './health-server.js';
export type {
  DepartureReason,
  Phase,
  PushOutcomeLabel,
  RecoveryKind,
  TaskKind,
  WorkerPhase,
  WorkerStateLabel,
} from './labels.js';
export type { BuildInfo, RunInfo } from './info-metrics.js';
export { hostFacts } from './host-facts.js';
export type { HostFacts } from './host-facts.js';
export { parseLogLine } from './log-line.js';
export type { LogLine } from './log-line.js';
export { hasColour, logText } from './log-text.js';
export { logWords } from './log-words.js';
export { createLogger, LOG_LEVELS } from './logger.js';
export { isLocalHost } from './host-check.js';
export type { LogFields, LogLevel, LogValue, Logger } from './logger.js';
export type { MetricDefinition } from './metric-definition.js';
export { createRegistry } from './registry.js';
export type { Registry } from './registry.js';
export { checkLogin, checkOrigin } from './request-check.js';
export type {
  Answer,
  RequestPolicy,
  Route,
  RouteRequest,
  Verdict,
} from './request-check.js';
export { isOurAddress, targetGroup } from './target-group.js';
export type { Asker, ScrapeProcess, TargetGroup } from './target-group.js';
export { createServerMetrics } from './server-metrics.js';
export type { ServerMetrics } from './server-metrics.js';
export { Traffic } from './traffic.js';
export type { Counted, TrafficTotals } from './traffic.js';
export { EventFile } from './tensorboard/event-file.js';
export type {
  EventImage,
  EventPlace,
  EventValue,
} from './tensorboard/events.js';
export { histogramOf } from './tensorboard/histogram.js';
export type { Histogram } from './tensorboard/histogram.js';
export { TelemetryError } from './telemetry-error.js';
export { createWorkerMetrics } from './worker-metrics.js';
export type { WorkerMetrics } from './worker-metrics.js';
