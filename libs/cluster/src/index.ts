export { boundsOf } from './shard/on-arrival.js';
export type { CoordinatorOptions } from './coordinator/coordination.js';
export type {
  CheckpointReason,
  OrderEntry,
  RunEnd,
  ServerEffect,
  ServerEvent,
  ServerLink,
} from './server/effects.js';
export { EVALUATION_CHUNK } from './work/evaluation.js';
export { EMPTY_LEDGER } from './coordinator/ledger.js';
export type { EpochResult, LedgerState } from './coordinator/ledger.js';
export { maxMistakeBytes } from './formats/mistake-format.js';
export { LocalSteps } from './worker/local-steps.js';
export type { LeafGradient } from './worker/local-steps.js';
export type { LeafView, MemberView, Overview } from './coordinator/overview.js';
export { decodeOrder, encodeOrder } from './formats/order-codec.js';
export { ParameterShard } from './shard/parameter-shard.js';
export type { ShardStart } from './shard/parameter-shard.js';
export { Plan } from './plan/plan.js';
export type { AppliedStep } from './shard/push-decision.js';
export type { RunReport } from './server/run-report.js';
export { Schedule } from './plan/schedule.js';
export { ServerMachine } from './server/server-machine.js';
export type { ServerOptions } from './server/server-machine.js';
export type { ScrapeTarget } from './coordinator/scrape-targets.js';
export { TaskSum } from './worker/task-sum.js';
export { WorkerMachine } from './worker/worker-machine.js';
export type {
  EvaluationResult,
  GradientResult,
  WorkerEffect,
  WorkerEnd,
  WorkerEvent,
  WorkerIdentity,
  WorkerState,
} from './worker/worker-events.js';
