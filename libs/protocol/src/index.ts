export {
  ERROR_CODES,
  MusterError,
  exitCodeOf,
  toMusterError,
} from './errors.js';
export type { ErrorCode } from './errors.js';
export { PROTOCOL_VERSION, messageSchema } from './messages.js';
export type {
  EvaluateTask,
  GradientTask,
  Message,
  MessageOf,
  MessageType,
  Packet,
  Phases,
  PushOutcome,
  Task,
} from './messages.js';
export { runDefinitionSchema } from './run-definition.js';
export type {
  LayoutEntry,
  OptimizerConfig,
  RunDefinition,
  ScheduleConfig,
} from './run-definition.js';
