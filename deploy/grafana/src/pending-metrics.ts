/** Metrics that the catalogue is about to have. */

/** By a server. */
export const PENDING_SERVER = {
  examples: { name: 'muster_examples_total' },
  stragglerRatio: { name: 'muster_straggler_ratio' },
  staleness: { name: 'muster_staleness_steps' },
  backupsWon: { name: 'muster_backup_tasks_won_total' },
  recoveries: { name: 'muster_recoveries_total' },
  recoveryDuration: { name: 'muster_recovery_duration_seconds' },
  stepsRedone: { name: 'muster_steps_redone_total' },
  goodput: { name: 'muster_goodput_ratio' },
  parameterNorm: { name: 'muster_parameter_norm' },
  eta: { name: 'muster_eta_seconds' },
  epochs: { name: 'muster_epochs' },
  receivedRawBytes: { name: 'muster_received_raw_bytes_total' },
  sentRawBytes: { name: 'muster_sent_raw_bytes_total' },
  workersExpected: { name: 'muster_workers_expected' },
} as const;

/** By a worker. */
export const PENDING_WORKER = {
  receivedRawBytes: { name: 'muster_worker_received_raw_bytes_total' },
  sentRawBytes: { name: 'muster_worker_sent_raw_bytes_total' },
  staleness: { name: 'muster_worker_staleness_steps' },
} as const;
