export type {
  Classification,
  EpochFigures,
  Feed,
  FeedMessage,
  Incident,
  IncidentKind,
  LeafState,
  Mistake,
  Pictures,
  RunFacts,
  RunState,
  StepPoints,
  WorkerRow,
} from './feed.js';
export { pageFiles } from './page-files.js';
export type { PageFile } from './page-files.js';
export { readMetrics } from './record/read-metrics.js';
export { firstFilters, runFacts } from './record/run-facts.js';
export type { RunPlan } from './record/run-facts.js';
export { RunRecord } from './record/run-record.js';
export { startDashboard } from './server/start-dashboard.js';
export type { Dashboard, DashboardOptions } from './server/start-dashboard.js';
