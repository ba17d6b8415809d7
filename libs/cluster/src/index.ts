export { Coordinator } from './coordinator.js';
export type { CoordinatorOptions } from './coordinator.js';
export type {
  CheckpointReason,
  CoordinatorEffect,
  CoordinatorEvent,
  RunEnd,
  RunReport,
} from './effects.js';
export { EVALUATION_CHUNK } from './evaluation.js';
export { EMPTY_LEDGER } from './ledger.js';
export type { EpochResult, LedgerState } from './ledger.js';
export { ParameterShard } from './parameter-shard.js';
export type { AppliedStep, ShardStart } from './parameter-shard.js';
export { Schedule } from './schedule.js';
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
