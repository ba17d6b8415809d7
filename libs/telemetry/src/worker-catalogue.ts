/** What a worker tells. A table. */
import {
  DURATION_BUCKETS,
  PHASE_BUCKETS,
  STALENESS_BUCKETS,
} from './buckets.js';
import { PUSH_OUTCOMES, TASK_KINDS, WORKER_PHASES } from './labels.js';
import type { MetricDefinition } from './metric-definition.js';

/** What a worker tells, with the keys it is known by in code. */
export const WORKER_METRICS = {
  info: {
    name: 'muster_worker_info',
    type: 'gauge',
    help: 'Always 1; the label tells which worker this is.',
    labels: { worker_id: 'constant' },
  },
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
  staleness: {
    name: 'muster_worker_staleness_steps',
    type: 'histogram',
    help: 'Steps between the parameters that a contribution of this worker was computed from and those that it was applied to.',
    buckets: STALENESS_BUCKETS,
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
  receivedRawBytes: {
    name: 'muster_worker_received_raw_bytes_total',
    type: 'counter',
    help: 'Bytes that the payloads of received frames take before encoding, their numbers as float32.',
  },
  sentRawBytes: {
    name: 'muster_worker_sent_raw_bytes_total',
    type: 'counter',
    help: 'Bytes that the payloads of sent frames take before encoding, their numbers as float32.',
  },
  tensors: {
    name: 'muster_worker_tensors',
    type: 'gauge',
    help: 'Tensors alive in TensorFlow.js.',
    absentUntilSet: true,
  },
} as const satisfies Record<string, MetricDefinition>;
