/**
 * The closed sets of label values: a label that can take any text would make
 * as many time series as there are texts.
 */

/**
 * What a worker spends its time on: `wait` for a task, `data` cut the
 * examples, `compute` the gradient, `encode` the slice, `push` it until the
 * servers have answered, `pull`: wait for the parameters of a task.
 */
export const WORKER_PHASES = [
  'wait',
  'data',
  'compute',
  'encode',
  'push',
  'pull',
] as const;
/** One of {@link WORKER_PHASES}. */
export type WorkerPhase = (typeof WORKER_PHASES)[number];

/** What a server spends time on by itself. */
export const SERVER_PHASES = ['sum', 'apply'] as const;

/** The workers' phases, and the server's: `sum` contributions, `apply` the optimizer. */
export const PHASES = [...WORKER_PHASES, ...SERVER_PHASES] as const;
/** One of {@link PHASES}. */
export type Phase = (typeof PHASES)[number];

/** What came of a pushed contribution. */
export const PUSH_OUTCOMES = [
  'accepted',
  'duplicate',
  'overlap',
  'stale',
  'refused',
] as const;
/** One of {@link PUSH_OUTCOMES}. */
export type PushOutcomeLabel = (typeof PUSH_OUTCOMES)[number];

/** What became of training examples. */
export const EXAMPLE_OUTCOMES = ['applied', 'duplicate', 'lost'] as const;
/** One of {@link EXAMPLE_OUTCOMES}. */
export type ExampleOutcome = (typeof EXAMPLE_OUTCOMES)[number];

/** Whose loss training recovered from. */
export const RECOVERY_KINDS = ['worker', 'server'] as const;
/** One of {@link RECOVERY_KINDS}. */
export type RecoveryKind = (typeof RECOVERY_KINDS)[number];

/** Where a worker stands, as the coordinator sees it. */
export const WORKER_STATES = [
  'joined',
  'active',
  'suspended',
  'lost',
  'gone',
] as const;
/** One of {@link WORKER_STATES}. */
export type WorkerStateLabel = (typeof WORKER_STATES)[number];

/** Why a worker is not there any more. */
export const DEPARTURE_REASONS = [
  'left',
  'lost',
  'silent',
  'quarantined',
  'replaced',
] as const;
/** One of {@link DEPARTURE_REASONS}. */
export type DepartureReason = (typeof DEPARTURE_REASONS)[number];

/** What a task asks for. */
export const TASK_KINDS = ['gradient', 'evaluate'] as const;
/** One of {@link TASK_KINDS}. */
export type TaskKind = (typeof TASK_KINDS)[number];

/** Why a connection was refused or closed by the server. */
export const REFUSAL_REASONS = [
  'unauthorized',
  'tls',
  'protocol-version',
  'model-mismatch',
  'dataset-mismatch',
  'malformed-message',
  'frame-too-large',
  'not-joined',
  'replaced',
  'quarantined',
  'draining',
  'other',
] as const;
/** One of {@link REFUSAL_REASONS}. */
export type RefusalReason = (typeof REFUSAL_REASONS)[number];

/**
 * Gives the label of an error code: `ERR_FRAME_TOO_LARGE` is
 * `frame-too-large`, and a code that has no label of its own is `other`.
 */
export function refusalReasonOf(code: string): RefusalReason {
  const reason = code.replace(/^ERR_/, '').toLowerCase().replaceAll('_', '-');
  return REFUSAL_REASONS.find((known) => known === reason) ?? 'other';
}
