/**
 * What each parameter server tells: of its slice of the parameters, its
 * connections and its disk. A table.
 */
import { DURATION_BUCKETS, PHASE_BUCKETS } from './buckets.js';
import { PHASES, REFUSAL_REASONS } from './labels.js';
import type { MetricDefinition } from './metric-definition.js';

/** What every parameter server tells, with the keys it is known by in code. */
export const SHARD_METRICS = {
  step: {
    name: 'muster_step',
    type: 'gauge',
    help: 'Global step: optimizer updates applied, which is the version of the parameters that this server holds.',
    absentUntilSet: true,
  },
  plannedSteps: {
    name: 'muster_planned_steps',
    type: 'gauge',
    help: 'Global step at which the run ends.',
    absentUntilSet: true,
  },
  epochs: {
    name: 'muster_epochs',
    type: 'gauge',
    help: 'Epochs after which the run ends.',
    absentUntilSet: true,
  },
  parameterNorm: {
    name: 'muster_parameter_norm',
    type: 'gauge',
    help: "Euclidean norm of this server's part of the parameters at its last checkpoint; over all servers it is the root of the sum of the squares.",
    absentUntilSet: true,
  },
  phase: {
    name: 'muster_phase_seconds',
    type: 'histogram',
    help: 'Seconds spent on a phase: sum and apply by this server; the others by workers, as they report them to the coordinator.',
    labels: { phase: PHASES },
    buckets: PHASE_BUCKETS,
  },
  receivedBytes: {
    name: 'muster_received_bytes_total',
    type: 'counter',
    help: 'Bytes of frames received from workers and other servers.',
  },
  sentBytes: {
    name: 'muster_sent_bytes_total',
    type: 'counter',
    help: 'Bytes of frames sent to workers and other servers.',
  },
  receivedRawBytes: {
    name: 'muster_received_raw_bytes_total',
    type: 'counter',
    help: 'Bytes that the payloads of received frames take before encoding, their numbers as float32.',
  },
  sentRawBytes: {
    name: 'muster_sent_raw_bytes_total',
    type: 'counter',
    help: 'Bytes that the payloads of sent frames take before encoding, their numbers as float32.',
  },
  dataSentBytes: {
    name: 'muster_data_sent_bytes_total',
    type: 'counter',
    help: 'Bytes of data files sent to workers that did not have them.',
  },
  connectionsRefused: {
    name: 'muster_connections_refused_total',
    type: 'counter',
    help: 'Connections that the server refused or closed for a fault, by reason.',
    labels: { reason: REFUSAL_REASONS },
  },
  checkpointDuration: {
    name: 'muster_checkpoint_duration_seconds',
    type: 'histogram',
    help: 'Seconds to write one whole checkpoint.',
    buckets: DURATION_BUCKETS,
  },
  checkpointBytes: {
    name: 'muster_checkpoint_bytes',
    type: 'gauge',
    help: "Size in bytes of this server's part of the newest whole checkpoint.",
    absentUntilSet: true,
  },
  checkpointTimestamp: {
    name: 'muster_checkpoint_last_success_timestamp_seconds',
    type: 'gauge',
    help: 'When the newest whole checkpoint was written, in seconds since 1970.',
    absentUntilSet: true,
  },
  checkpointFailures: {
    name: 'muster_checkpoint_failures_total',
    type: 'counter',
    help: 'Checkpoints that could not be written.',
  },
} as const satisfies Record<string, MetricDefinition>;
