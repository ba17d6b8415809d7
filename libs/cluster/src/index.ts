export { boundsOf } from './on-arrival.js';
export type { CoordinatorOptions } from './coordination.js';
export type {
  CheckpointReason,
  OrderEntry,
  RunEnd,
  ServerEffect,
  ServerEvent,
  ServerLink,
} from './effects.js';
export { EVALUATION_CHUNK } from './evaluation.js';
export { EMPTY_LEDGER } from './ledger.js';
export type { EpochResult, LedgerState } from './ledger.js';
export { maxMistakeBytes } from './mistake-format.js';
export { LocalSteps } from './local-steps.js';
export type { LeafGradient } from './local-steps.js';
export type { LeafView, MemberView, Overview } from './overview.js';
export { decodeOrder, encodeOrder } from './order-codec.js';
export { ParameterShard } from './parameter-shard.js';
export type { ShardStart } from './parameter-shard.js';
export { Plan } from './plan.js';
export type { AppliedStep } from './push-decision.js';
export type { RunReport } from './run-report.js';
export { Schedule } from './schedule.js';
export { ServerMachine } from './server-machine.js';
export type { ServerOptions } from './server-machine.js';
export type { ScrapeTarget } from './scrape-targets.js';
export { TaskSum } from './task-sum.js';
export { WorkerMachine } from './worker-machine.js';
export type {
  EvaluationResult,
  GradientResult,
  WorkerEffect,
  WorkerEnd,
  WorkerEvent,
  WorkerIdentity,
  WorkerState,
} from './worker-events.js';
