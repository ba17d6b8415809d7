import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import {
  PROCESS_METRICS,
  SERVER_METRICS,
  WORKER_METRICS,
} from './catalogue.js';
import { createRegistry } from './registry.js';
import type { Registry } from './registry.js';
import { createServerMetrics } from './server-metrics.js';
import type { ServerMetrics } from './server-metrics.js';
import { createWorkerMetrics } from './worker-metrics.js';
import type { WorkerMetrics } from './worker-metrics.js';

const run = { runId: 'r1', consistency: 'sync', optimizer: 'adam', seed: 7 };
const node = process.version;

/** Our samples that are not 0, but for the buckets. */
async function samples(registry: Registry): Promise<string[]> {
  const lines = (await registry.metrics()).split('\n');
  return lines.filter((line) => /^muster(?!.*_bucket\{).* (?!0$)/.test(line));
}

/** One call of every update method, and the samples that it must change. */
const serverUpdates: [
  keyof ServerMetrics,
  (metrics: ServerMetrics) => void,
  string[],
][] = [
  [
    'setBuild',
    (of) => of.setBuild({ version: '0.1.0', protocol: 1 }),
    [`muster_build_info{version="0.1.0",protocol="1",node="${node}"} 1`],
  ],
  [
    'setRun',
    (of) => of.setRun({ ...run, totalSteps: 1175 }),
    [
      'muster_run_info{run_id="r1",consistency="sync",optimizer="adam",seed="7"} 1',
      'muster_planned_steps 1175',
    ],
  ],
  ['setStep', (of) => of.setStep(40), ['muster_step 40']],
  [
    'stepApplied',
    (of) =>
      of.stepApplied({
        version: 41,
        epoch: 1,
        numImages: 256,
        loss: 0.5,
        accuracyRatio: 0.875,
        learningRate: 0.004,
        gradientNorm: 1.5,
        durationMs: 50,
      }),
    [
      'muster_step 41',
      'muster_epoch 1',
      'muster_loss 0.5',
      'muster_accuracy_ratio 0.875',
      'muster_learning_rate 0.004',
      'muster_gradient_norm 1.5',
      'muster_images_total 256',
      'muster_step_duration_seconds_sum 0.05',
      'muster_step_duration_seconds_count 1',
    ],
  ],
  [
    'observePhasesMs',
    (of) => of.observePhasesMs({ compute: 250, apply: 4 }),
    [
      'muster_phase_seconds_sum{phase="compute"} 0.25',
      'muster_phase_seconds_count{phase="compute"} 1',
      'muster_phase_seconds_sum{phase="apply"} 0.004',
      'muster_phase_seconds_count{phase="apply"} 1',
    ],
  ],
  [
    'countPush',
    (of) => of.countPush('duplicate'),
    ['muster_pushes_total{outcome="duplicate"} 1'],
  ],
  [
    'countReceived',
    (of) => of.countReceived(100),
    ['muster_received_bytes_total 100'],
  ],
  ['countSent', (of) => of.countSent(50), ['muster_sent_bytes_total 50']],
  [
    'countDataSent',
    (of) => of.countDataSent(60),
    ['muster_data_sent_bytes_total 60'],
  ],
  [
    'setWorkers',
    (of) =>
      of.setWorkers({ joined: 1, active: 2, suspended: 0, lost: 3, gone: 0 }),
    [
      'muster_workers{state="joined"} 1',
      'muster_workers{state="active"} 2',
      'muster_workers{state="lost"} 3',
    ],
  ],
  ['countJoin', (of) => of.countJoin(), ['muster_joins_total 1']],
  [
    'countDeparture',
    (of) => of.countDeparture('silent'),
    ['muster_departures_total{reason="silent"} 1'],
  ],
  [
    'countLeasesExpired',
    (of) => of.countLeasesExpired(2),
    ['muster_leases_expired_total 2'],
  ],
  ['countBackup', (of) => of.countBackup(), ['muster_backup_tasks_total 1']],
  [
    'countTaskFailure',
    (of) => of.countTaskFailure(),
    ['muster_task_failures_total 1'],
  ],
  [
    'countRefusedConnection',
    (of) => of.countRefusedConnection('ERR_UNAUTHORIZED'),
    ['muster_connections_refused_total{reason="unauthorized"} 1'],
  ],
  [
    'setEvaluation',
    (of) => of.setEvaluation(0.25, 0.75),
    ['muster_test_loss 0.25', 'muster_test_accuracy_ratio 0.75'],
  ],
  [
    'checkpointWritten',
    (of) =>
      of.checkpointWritten({ durationMs: 20, numBytes: 7, writtenAtMs: 9000 }),
    [
      'muster_checkpoint_duration_seconds_sum 0.02',
      'muster_checkpoint_duration_seconds_count 1',
      'muster_checkpoint_bytes 7',
      'muster_checkpoint_last_success_timestamp_seconds 9',
    ],
  ],
  [
    'countCheckpointFailure',
    (of) => of.countCheckpointFailure(),
    ['muster_checkpoint_failures_total 1'],
  ],
  [
    'setReproducible',
    (of) => of.setReproducible(true),
    ['muster_reproducible 1'],
  ],
];

const workerUpdates: [
  keyof WorkerMetrics,
  (metrics: WorkerMetrics) => void,
  string[],
][] = [
  [
    'setBuild',
    (of) => of.setBuild({ version: '0.1.0', protocol: 1 }),
    [`muster_build_info{version="0.1.0",protocol="1",node="${node}"} 1`],
  ],
  [
    'setRun',
    (of) => of.setRun(run),
    [
      'muster_run_info{run_id="r1",consistency="sync",optimizer="adam",seed="7"} 1',
    ],
  ],
  [
    'setBackend',
    (of) =>
      of.setBackend({
        backend: 'wasm',
        libraryVersion: '4.22.0',
        numerics: '0123456789abcdef',
      }),
    [
      'muster_worker_backend_info{backend="wasm",library_version="4.22.0",numerics="0123456789ab"} 1',
    ],
  ],
  [
    'setConnected',
    (of) => of.setConnected(true),
    ['muster_worker_connected 1'],
  ],
  ['setStep', (of) => of.setStep(3), ['muster_worker_step 3']],
  [
    'taskDone',
    (of) => of.taskDone({ kind: 'gradient', numImages: 64, loss: 0.5 }),
    [
      'muster_worker_tasks_total{kind="gradient"} 1',
      'muster_worker_images_total 64',
      'muster_worker_loss 0.5',
    ],
  ],
  [
    'countTaskFailure',
    (of) => of.countTaskFailure(),
    ['muster_worker_task_failures_total 1'],
  ],
  [
    'countPush',
    (of) => of.countPush('accepted'),
    ['muster_worker_pushes_total{outcome="accepted"} 1'],
  ],
  [
    'observePhasesMs',
    (of) => of.observePhasesMs({ wait: 5 }),
    [
      'muster_worker_phase_seconds_sum{phase="wait"} 0.005',
      'muster_worker_phase_seconds_count{phase="wait"} 1',
    ],
  ],
  [
    'observeRoundTripMs',
    (of) => of.observeRoundTripMs(2),
    [
      'muster_worker_heartbeat_duration_seconds_sum 0.002',
      'muster_worker_heartbeat_duration_seconds_count 1',
    ],
  ],
  [
    'countReconnect',
    (of) => of.countReconnect(),
    ['muster_worker_reconnects_total 1'],
  ],
  [
    'countReceived',
    (of) => of.countReceived(9),
    ['muster_worker_received_bytes_total 9'],
  ],
  ['countSent', (of) => of.countSent(8), ['muster_worker_sent_bytes_total 8']],
  ['setTensors', (of) => of.setTensors(12), ['muster_worker_tensors 12']],
];

describe('createServerMetrics', () => {
  it.each(serverUpdates)(
    '%s changes its samples and no other',
    async (...c) => {
      const registry = createRegistry();
      c[1](createServerMetrics(registry));
      expect((await samples(registry)).sort()).toEqual(c[2].sort());
    },
  );

  it('has no update method that is missing above', () => {
    const methods = Object.keys(createServerMetrics(createRegistry()));
    expect(methods.sort()).toEqual(serverUpdates.map(([name]) => name).sort());
  });

  it('registers the whole catalogue and nothing else', () => {
    const registry = createRegistry();
    createServerMetrics(registry);
    expect(ourNames(registry)).toEqual(
      namesOf({ ...PROCESS_METRICS, ...SERVER_METRICS }),
    );
  });

  it('shows no loss before there is one, and every outcome as 0', async () => {
    const registry = createRegistry();
    createServerMetrics(registry);
    const text = await registry.metrics();
    expect(text).not.toMatch(/^muster_loss /m);
    expect(text).toMatch(/^muster_pushes_total\{outcome="stale"\} 0$/m);
    expect(text).toMatch(/^muster_phase_seconds_count\{phase="sum"\} 0$/m);
  });

  it('shows a loss that is not a number as such', async () => {
    const registry = createRegistry();
    createServerMetrics(registry).setEvaluation(Number.NaN, 0.1);
    // Prometheus reads the word in any case; promtool below agrees.
    expect(await registry.metrics()).toMatch(/^muster_test_loss nan$/im);
  });

  it('does not time the first step of a process', async () => {
    const registry = createRegistry();
    createServerMetrics(registry).stepApplied({
      version: 1,
      epoch: 1,
      numImages: 1,
      loss: 1,
      accuracyRatio: 1,
      learningRate: 1,
      gradientNorm: 1,
      durationMs: undefined,
    });
    expect(await registry.metrics()).toMatch(
      /^muster_step_duration_seconds_count 0$/m,
    );
  });
});

describe('createWorkerMetrics', () => {
  it.each(workerUpdates)(
    '%s changes its samples and no other',
    async (...c) => {
      const registry = createRegistry();
      c[1](createWorkerMetrics(registry));
      expect((await samples(registry)).sort()).toEqual(c[2].sort());
    },
  );

  it('has no update method that is missing above', () => {
    const methods = Object.keys(createWorkerMetrics(createRegistry()));
    expect(methods.sort()).toEqual(workerUpdates.map(([name]) => name).sort());
  });

  it('registers the whole catalogue and nothing else', () => {
    const registry = createRegistry();
    createWorkerMetrics(registry);
    expect(ourNames(registry)).toEqual(
      namesOf({ ...PROCESS_METRICS, ...WORKER_METRICS }),
    );
  });

  it('counts an evaluation as a task, but not its images', async () => {
    const registry = createRegistry();
    createWorkerMetrics(registry).taskDone({
      kind: 'evaluate',
      numImages: 1000,
      loss: 0.1,
    });
    expect(await samples(registry)).toEqual([
      'muster_worker_tasks_total{kind="evaluate"} 1',
    ]);
  });

  it('names one run at a time', async () => {
    const registry = createRegistry();
    const metrics = createWorkerMetrics(registry);
    metrics.setRun(run);
    metrics.setRun({ ...run, runId: 'r2' });
    expect(await samples(registry)).toEqual([
      'muster_run_info{run_id="r2",consistency="sync",optimizer="adam",seed="7"} 1',
    ]);
  });
});

describe('promtool check metrics', () => {
  const isMissing = spawnSync('promtool', ['--version']).error !== undefined;

  for (const [name, textOf] of [
    ['server', serverText],
    ['worker', workerText],
  ] as const) {
    it(`finds nothing to say about a ${name}`, async (context) => {
      if (isMissing) {
        context.skip('promtool not found: apt-get install prometheus');
      }
      const input = await textOf();
      const check = spawnSync('promtool', ['check', 'metrics'], { input });
      expect(String(check.stdout) + String(check.stderr)).toBe('');
      expect(check.status).toBe(0);
    });
  }
});

async function serverText(): Promise<string> {
  const registry = createRegistry();
  const metrics = createServerMetrics(registry);
  for (const [, update] of serverUpdates) update(metrics);
  metrics.setEvaluation(Number.NaN, 0);
  return registry.metrics();
}

async function workerText(): Promise<string> {
  const registry = createRegistry();
  const metrics = createWorkerMetrics(registry);
  for (const [, update] of workerUpdates) update(metrics);
  return registry.metrics();
}

function ourNames(registry: Registry): string[] {
  const names = registry.getMetricsAsArray().map(({ name }) => name);
  return names.filter((name) => name.startsWith('muster_')).sort();
}

function namesOf(table: Record<string, { name: string }>): string[] {
  return Object.values(table)
    .map(({ name }) => name)
    .sort();
}
