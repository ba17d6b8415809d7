/**
 * What the coordinator tells of the run as a whole; other servers have no
 * sample of these. A table.
 */
import {
  RECOVERY_BUCKETS,
  STALENESS_BUCKETS,
  STEP_BUCKETS,
} from './buckets.js';
import {
  DEPARTURE_REASONS,
  EXAMPLE_OUTCOMES,
  PUSH_OUTCOMES,
  RECOVERY_KINDS,
  WORKER_STATES,
} from './labels.js';
import type { MetricDefinition } from './metric-definition.js';

/** What the coordinator alone tells, with the keys it is known by in code. */
export const COORDINATOR_METRICS = {
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
    help: 'Euclidean norm of the mean gradient of the last applied step, over all servers.',
    absentUntilSet: true,
  },
  examples: {
    name: 'muster_examples_total',
    type: 'counter',
    help: 'Training examples by what became of them: applied to the parameters, pushed again after that (duplicate), or missing from a trained epoch (lost); steps that are done again count again.',
    labels: { outcome: EXAMPLE_OUTCOMES },
  },
  stepDuration: {
    name: 'muster_step_duration_seconds',
    type: 'histogram',
    help: 'Seconds from one applied step to the next.',
    buckets: STEP_BUCKETS,
  },
  pushes: {
    name: 'muster_pushes_total',
    type: 'counter',
    help: 'Contributions that workers pushed, by what came of them.',
    labels: { outcome: PUSH_OUTCOMES },
  },
  staleness: {
    name: 'muster_staleness_steps',
    type: 'histogram',
    help: 'Steps between the parameters that a contribution was computed from and those that it was applied to.',
    buckets: STALENESS_BUCKETS,
  },
  workers: {
    name: 'muster_workers',
    type: 'gauge',
    help: 'Workers of the run, by where they stand.',
    labels: { state: WORKER_STATES },
  },
  workersExpected: {
    name: 'muster_workers_expected',
    type: 'gauge',
    help: 'Workers that the run was started with; 0 where nobody said how many will come.',
  },
  stragglerRatio: {
    name: 'muster_straggler_ratio',
    type: 'gauge',
    help: 'Mean time a leaf of the slowest active worker over that of the median one, from 1: 2 is twice as long.',
    absentUntilSet: true,
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
  backupsWon: {
    name: 'muster_backup_tasks_won_total',
    type: 'counter',
    help: 'Copies of slow tasks that came before the original and counted.',
  },
  taskFailures: {
    name: 'muster_task_failures_total',
    type: 'counter',
    help: 'Tasks that a worker gave back because it could not do them.',
  },
  recoveries: {
    name: 'muster_recoveries_total',
    type: 'counter',
    help: 'Times that training went on after a worker with tasks, or a server, was lost.',
    labels: { kind: RECOVERY_KINDS },
  },
  recoveryDuration: {
    name: 'muster_recovery_duration_seconds',
    type: 'histogram',
    help: 'Seconds from the last sign of life of who was lost, for a coordinator its last step, to the first step applied after that.',
    labels: { kind: RECOVERY_KINDS },
    buckets: RECOVERY_BUCKETS,
  },
  stepsRedone: {
    name: 'muster_steps_redone_total',
    type: 'counter',
    help: 'Steps that were applied and had to be done again, as a server that was lost had them in memory only.',
  },
  goodput: {
    name: 'muster_goodput_ratio',
    type: 'gauge',
    help: 'Share of the time since training began in this process that ended in applied steps, 0 to 1; the rest was spent waiting for workers or servers, or on steps that were done again.',
    absentUntilSet: true,
  },
  eta: {
    name: 'muster_eta_seconds',
    type: 'gauge',
    help: 'Seconds until the last step, at the pace of the last minute; none while that is not known.',
    absentUntilSet: true,
  },
  reproducible: {
    name: 'muster_reproducible',
    type: 'gauge',
    help: 'Whether the same settings give the same bits: 1, or 0 once workers of different numerics took part.',
    absentUntilSet: true,
  },
} as const satisfies Record<string, MetricDefinition>;
