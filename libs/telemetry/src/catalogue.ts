/**
 * Every metric of Muster: name, type, unit, labels and buckets. This file is
 * a table; `docs/metrics.md` and the dashboards are held against it.
 */
import {
  DEPARTURE_REASONS,
  PHASES,
  PUSH_OUTCOMES,
  REFUSAL_REASONS,
  TASK_KINDS,
  WORKER_PHASES,
  WORKER_STATES,
} from './labels.js';
import type { MetricDefinition } from './metric-definition.js';

/** From a tenth of a millisecond: parts of a step. */
const PHASE_BUCKETS = [
  0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25,
  0.5, 1, 2.5, 5, 10,
] as const;

/** From five milliseconds: whole steps. */
const STEP_BUCKETS = [
  0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30,
] as const;

/** From one millisecond: files and round trips. */
const DURATION_BUCKETS = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
] as const;

/** What both kinds of process tell of themselves. */
export const PROCESS_METRICS = {
  buildInfo: {
    name: 'muster_build_info',
    type: 'gauge',
    help: 'Always 1; the labels tell the version of Muster, its protocol and Node.',
    labels: { version: 'constant', protocol: 'constant', node: 'constant' },
  },
  runInfo: {
    name: 'muster_run_info',
    type: 'gauge',
    help: 'Always 1; the labels tell which run this process works on.',
    labels: {
      run_id: 'constant',
      consistency: 'constant',
      optimizer: 'constant',
      seed: 'constant',
    },
  },
} as const satisfies Record<string, MetricDefinition>;

/** What a parameter server tells. */
export const SERVER_METRICS = {
  step: {
    name: 'muster_step',
    type: 'gauge',
    help: 'Global step: optimizer updates applied, which is the version of the parameters.',
  },
  plannedSteps: {
    name: 'muster_planned_steps',
    type: 'gauge',
    help: 'Global step at which the run ends.',
    absentUntilSet: true,
  },
  epoch: {
    name: 'muster_epoch',
    type: 'gauge',
    help: 'Epoch of the last applied step, from 1.',
    absentUntilSet: true,
  },
  loss: {
    name: 'muster_loss',
    type: 'gauge',
    help: 'Mean training loss over the examples of the last applied step, in nats.',
    absentUntilSet: true,
  },
  accuracy: {
    name: 'muster_accuracy_ratio',
    type: 'gauge',
    help: 'Share of the last applied step that was classified right, 0 to 1.',
    absentUntilSet: true,
  },
  testLoss: {
    name: 'muster_test_loss',
    type: 'gauge',
    help: 'Mean loss over the whole test set at the last evaluation, in nats.',
    absentUntilSet: true,
  },
  testAccuracy: {
    name: 'muster_test_accuracy_ratio',
    type: 'gauge',
    help: 'Share of the test set that was classified right at the last evaluation, 0 to 1.',
    absentUntilSet: true,
  },
  learningRate: {
    name: 'muster_learning_rate',
    type: 'gauge',
    help: 'Learning rate of the last applied step.',
    absentUntilSet: true,
  },
  gradientNorm: {
    name: 'muster_gradient_norm',
    type: 'gauge',
    help: 'Euclidean norm of the mean gradient of the last applied step, over this shard.',
    absentUntilSet: true,
  },
  images: {
    name: 'muster_images_total',
    type: 'counter',
    help: 'Training images whose gradients were applied, each once an epoch.',
  },
  stepDuration: {
    name: 'muster_step_duration_seconds',
    type: 'histogram',
    help: 'Seconds from one applied step to the next.',
    buckets: STEP_BUCKETS,
  },
  phase: {
    name: 'muster_phase_seconds',
    type: 'histogram',
    help: 'Seconds spent on a phase of a task or a step, by workers as they report it and by the server.',
    labels: { phase: PHASES },
    buckets: PHASE_BUCKETS,
  },
  pushes: {
    name: 'muster_pushes_total',
    type: 'counter',
    help: 'Contributions that workers pushed, by what came of them.',
    labels: { outcome: PUSH_OUTCOMES },
  },
  receivedBytes: {
    name: 'muster_received_bytes_total',
    type: 'counter',
    help: 'Bytes of frames received from workers.',
  },
  sentBytes: {
    name: 'muster_sent_bytes_total',
    type: 'counter',
    help: 'Bytes of frames sent to workers.',
  },
  dataSentBytes: {
    name: 'muster_data_sent_bytes_total',
    type: 'counter',
    help: 'Bytes of data files sent to workers that did not have them.',
  },
  workers: {
    name: 'muster_workers',
    type: 'gauge',
    help: 'Workers of the run, by where they stand.',
    labels: { state: WORKER_STATES },
  },
  joins: {
    name: 'muster_joins_total',
    type: 'counter',
    help: 'Workers that joined, each return counted again.',
  },
  departures: {
    name: 'muster_departures_total',
    type: 'counter',
    help: 'Workers that went away, by reason.',
    labels: { reason: DEPARTURE_REASONS },
  },
  leasesExpired: {
    name: 'muster_leases_expired_total',
    type: 'counter',
    help: 'Tasks whose lease ended before their contribution came.',
  },
  backups: {
    name: 'muster_backup_tasks_total',
    type: 'counter',
    help: 'Copies of slow tasks that were given to idle workers.',
  },
  taskFailures: {
    name: 'muster_task_failures_total',
    type: 'counter',
    help: 'Tasks that a worker gave back because it could not do them.',
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
    help: 'Size of the newest whole checkpoint in bytes.',
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
  reproducible: {
    name: 'muster_reproducible',
    type: 'gauge',
    help: 'Whether the same settings give the same bits: 1, or 0 once workers of different numerics took part.',
    absentUntilSet: true,
  },
} as const satisfies Record<string, MetricDefinition>;

/** What a worker tells. */
export const WORKER_METRICS = {
  backendInfo: {
    name: 'muster_worker_backend_info',
    type: 'gauge',
    help: 'Always 1; the labels tell the TensorFlow.js backend and its library.',
    labels: {
      backend: 'constant',
      library_version: 'constant',
      numerics: 'constant',
    },
  },
  connected: {
    name: 'muster_worker_connected',
    type: 'gauge',
    help: 'Whether the worker has joined and its connection is up: 1 or 0.',
  },
  step: {
    name: 'muster_worker_step',
    type: 'gauge',
    help: 'Version of the parameters that the worker holds.',
    absentUntilSet: true,
  },
  loss: {
    name: 'muster_worker_loss',
    type: 'gauge',
    help: 'Mean training loss over the examples of the last gradient task, in nats.',
    absentUntilSet: true,
  },
  tasks: {
    name: 'muster_worker_tasks_total',
    type: 'counter',
    help: 'Tasks that the worker finished, by kind.',
    labels: { kind: TASK_KINDS },
  },
  taskFailures: {
    name: 'muster_worker_task_failures_total',
    type: 'counter',
    help: 'Tasks that the worker gave back because it could not do them.',
  },
  pushes: {
    name: 'muster_worker_pushes_total',
    type: 'counter',
    help: 'Contributions that the worker pushed, by what the server answered.',
    labels: { outcome: PUSH_OUTCOMES },
  },
  images: {
    name: 'muster_worker_images_total',
    type: 'counter',
    help: 'Images whose gradient the worker computed, applied or not.',
  },
  phase: {
    name: 'muster_worker_phase_seconds',
    type: 'histogram',
    help: 'Seconds the worker spent on a phase of a task.',
    labels: { phase: WORKER_PHASES },
    buckets: PHASE_BUCKETS,
  },
  roundTrip: {
    name: 'muster_worker_heartbeat_duration_seconds',
    type: 'histogram',
    help: 'Seconds from a heartbeat to its echo.',
    buckets: DURATION_BUCKETS,
  },
  reconnects: {
    name: 'muster_worker_reconnects_total',
    type: 'counter',
    help: 'Times the worker came back after a lost connection.',
  },
  receivedBytes: {
    name: 'muster_worker_received_bytes_total',
    type: 'counter',
    help: 'Bytes of frames received from the servers.',
  },
  sentBytes: {
    name: 'muster_worker_sent_bytes_total',
    type: 'counter',
    help: 'Bytes of frames sent to the servers.',
  },
  tensors: {
    name: 'muster_worker_tensors',
    type: 'gauge',
    help: 'Tensors alive in TensorFlow.js after the last task.',
    absentUntilSet: true,
  },
} as const satisfies Record<string, MetricDefinition>;
