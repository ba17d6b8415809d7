import { describe, expect, it } from 'vitest';
import { PROCESS_METRICS, WORKER_METRICS } from './catalogue.js';
import { createRegistry } from './registry.js';
import {
  RUN,
  RUN_SAMPLE,
  TRAFFIC,
  expectChange,
  expectNoFault,
  namesOf,
  registeredNames,
  samples,
  trafficSamples,
} from './testing-samples.js';
import type { Update } from './testing-samples.js';
import { createWorkerMetrics } from './worker-metrics.js';
import type { WorkerMetrics } from './worker-metrics.js';

const node = process.version;

const updates: Update<WorkerMetrics>[] = [
  [
    'setWorker',
    (of) => of.setWorker('w-1'),
    ['muster_worker_info{worker_id="w-1"} 1'],
  ],
  [
    'setBuild',
    (of) => of.setBuild({ version: '0.1.0', protocol: 1 }),
    [`muster_build_info{version="0.1.0",protocol="1",node="${node}"} 1`],
  ],
  ['setRun', (of) => of.setRun(RUN), [RUN_SAMPLE]],
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
    'observeStaleness',
    (of) => of.observeStaleness(2),
    [
      'muster_worker_staleness_steps_sum 2',
      'muster_worker_staleness_steps_count 1',
    ],
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
    'setTraffic',
    (of) => of.setTraffic(TRAFFIC),
    trafficSamples('muster_worker'),
  ],
  ['setTensors', (of) => of.setTensors(12), ['muster_worker_tensors 12']],
];

describe('createWorkerMetrics', () => {
  it.each(updates)('%s changes its samples and no other', (...update) =>
    expectChange(createWorkerMetrics, update),
  );

  it('has no update method that is missing above', () => {
    const methods = Object.keys(createWorkerMetrics(createRegistry()));
    expect(methods.sort()).toEqual(updates.map(([name]) => name).sort());
  });

  it('registers its catalogue and nothing else', () => {
    expect(registeredNames(createWorkerMetrics)).toEqual(
      namesOf(PROCESS_METRICS, WORKER_METRICS),
    );
  });

  it('counts an evaluation as a task, but not its images', async () => {
    const registry = createRegistry();
    createWorkerMetrics(registry).taskDone({
      ...{ kind: 'evaluate', numImages: 1000, loss: 0.1 },
    });
    expect(await samples(registry)).toEqual([
      'muster_worker_tasks_total{kind="evaluate"} 1',
    ]);
  });

  it('names one run at a time', async () => {
    const registry = createRegistry();
    const metrics = createWorkerMetrics(registry);
    metrics.setRun({ ...RUN, runId: 'r0' });
    metrics.setRun(RUN);
    expect(await samples(registry)).toEqual([RUN_SAMPLE]);
  });

  it('leaves promtool nothing to say', async (test) => {
    const registry = createRegistry();
    const metrics = createWorkerMetrics(registry);
    for (const [, update] of updates) update(metrics);
    await expectNoFault(registry, test);
  });
});
