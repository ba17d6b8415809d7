export {
  ERROR_CODES,
  MusterError,
  exitCodeOf,
  toMusterError,
} from './errors.js';
export type { ErrorCode } from './errors.js';
export { enginePlaceOf, serverUrlAt, workerNameAt } from './engine-place.js';
export type { EnginePlace } from './engine-place.js';
export {
  DATA_MANIFEST_PATH,
  chunkOfPath,
  dataChunkPath,
  parseDataManifest,
} from './data-manifest.js';
export type { DataFile, DataManifest } from './data-manifest.js';
export { decodeFrame } from './decode-frame.js';
export { encodeFrame, encodeFrameParts, joinParts } from './encode-frame.js';
export type { EncodedParts } from './encode-frame.js';
export { DEFAULT_FRAME_LIMITS, maxFrameBytes } from './frame-limits.js';
export type { FrameLimits } from './frame-limits.js';
export { tellableMetricsUrl } from './metrics-url.js';
export {
  bfloat16Payload,
  float32Payload,
  payloadAsBfloat16,
  payloadAsFloat32,
  rawPayloadBytes,
} from './payload.js';
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
  ShardPlace,
  Task,
} from './messages.js';
export { MAX_MISTAKES } from './task-messages.js';
export { runDefinitionSchema, runFingerprint } from './run-definition.js';
export type {
  Consistency,
  LayoutEntry,
  OptimizerConfig,
  RunDefinition,
  ScheduleConfig,
  WireFormat,
} from './run-definition.js';
export { shardRanges } from './shard-ranges.js';
export type { KeyRange } from './shard-ranges.js';
export type {
  EpochSummary,
  LauncherOrder,
  RunResult,
  ScrapedProcess,
  ServerReport,
} from './process-messages.js';
export { versionsPerEpoch } from './versions-per-epoch.js';
export type { CountedRun } from './versions-per-epoch.js';
