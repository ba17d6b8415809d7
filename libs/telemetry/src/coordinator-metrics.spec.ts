import { describe, expect, it } from 'vitest';
import { COORDINATOR_METRICS } from './catalogue.js';
import { createCoordinatorMetrics } from './coordinator-metrics.js';
import type { CoordinatorMetrics } from './coordinator-metrics.js';
import { createRegistry } from './registry.js';
import {
  expectChange,
  expectNoFault,
  namesOf,
  registeredNames,
  samples,
} from './testing-samples.js';
import type { Update } from './testing-samples.js';

const STEP = {
  ...{ epoch: 1, numImages: 256, loss: 0.5, accuracyRatio: 0.875 },
  ...{ learningRate: 0.004, gradientNorm: 1.5, durationMs: 50 },
};

const updates: Update<CoordinatorMetrics>[] = [
  [
    'stepApplied',
    (of) => of.stepApplied(STEP),
    [
      'muster_epoch 1',
      'muster_loss 0.5',
      'muster_accuracy_ratio 0.875',
      'muster_learning_rate 0.004',
      'muster_gradient_norm 1.5',
      'muster_examples_total{outcome="applied"} 256',
      'muster_step_duration_seconds_sum 0.05',
      'muster_step_duration_seconds_count 1',
    ],
  ],
  [
    'countExamples',
    (of) => of.countExamples('lost', 3),
    ['muster_examples_total{outcome="lost"} 3'],
  ],
  [
    'setEvaluation',
    (of) => of.setEvaluation(0.25, 0.75),
    ['muster_test_loss 0.25', 'muster_test_accuracy_ratio 0.75'],
  ],
  [
    'setReproducible',
    (of) => of.setReproducible(true),
    ['muster_reproducible 1'],
  ],
  ['setGoodput', (of) => of.setGoodput(0.75), ['muster_goodput_ratio 0.75']],
  ['setEta', (of) => of.setEta(90), ['muster_eta_seconds 90']],
  [
    'countPush',
    (of) => of.countPush('duplicate'),
    ['muster_pushes_total{outcome="duplicate"} 1'],
  ],
  [
    'observeStaleness',
    (of) => of.observeStaleness(3),
    ['muster_staleness_steps_sum 3', 'muster_staleness_steps_count 1'],
  ],
  [
    'countLeasesExpired',
    (of) => of.countLeasesExpired(2),
    ['muster_leases_expired_total 2'],
  ],
  ['countBackup', (of) => of.countBackup(), ['muster_backup_tasks_total 1']],
  [
    'countBackupWon',
    (of) => of.countBackupWon(),
    ['muster_backup_tasks_won_total 1'],
  ],
  [
    'countTaskFailure',
    (of) => of.countTaskFailure(),
    ['muster_task_failures_total 1'],
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
  [
    'setWorkersExpected',
    (of) => of.setWorkersExpected(3),
    ['muster_workers_expected 3'],
  ],
  [
    'setStragglerRatio',
    (of) => of.setStragglerRatio(1.5),
    ['muster_straggler_ratio 1.5'],
  ],
  ['countJoin', (of) => of.countJoin(), ['muster_joins_total 1']],
  [
    'countDeparture',
    (of) => of.countDeparture('silent'),
    ['muster_departures_total{reason="silent"} 1'],
  ],
  [
    'countRecovery',
    (of) => of.countRecovery('server', 1.25),
    [
      'muster_recoveries_total{kind="server"} 1',
      'muster_recovery_duration_seconds_sum{kind="server"} 1.25',
      'muster_recovery_duration_seconds_count{kind="server"} 1',
    ],
  ],
  [
    'countStepsRedone',
    (of) => of.countStepsRedone(4),
    ['muster_steps_redone_total 4'],
  ],
];

describe('createCoordinatorMetrics', () => {
  it.each(updates)('%s changes its samples and no other', (...update) =>
    expectChange(createCoordinatorMetrics, update),
  );

  it('has no update method that is missing above', () => {
    const methods = Object.keys(createCoordinatorMetrics(createRegistry()));
    expect(methods.sort()).toEqual(updates.map(([name]) => name).sort());
  });

  it('registers its catalogue and nothing else', () => {
    expect(registeredNames(createCoordinatorMetrics)).toEqual(
      namesOf(COORDINATOR_METRICS),
    );
  });

  it('shows no loss before there is one, and every outcome as 0', async () => {
    const registry = createRegistry();
    createCoordinatorMetrics(registry);
    const text = await registry.metrics();
    expect(text).not.toMatch(/^muster_(loss|goodput_ratio|eta_seconds) /m);
    expect(text).toMatch(/^muster_pushes_total\{outcome="stale"\} 0$/m);
    expect(text).toMatch(/^muster_examples_total\{outcome="lost"\} 0$/m);
    expect(text).toMatch(/^muster_staleness_steps_bucket\{le="0"\} 0$/m);
  });

  it('shows a loss that is not a number as such', async () => {
    const registry = createRegistry();
    createCoordinatorMetrics(registry).setEvaluation(Number.NaN, 0.1);
    // Prometheus reads the word in any case; promtool below agrees.
    expect(await registry.metrics()).toMatch(/^muster_test_loss nan$/im);
  });

  it('shows no more what is not known any more', async () => {
    const registry = createRegistry();
    const metrics = createCoordinatorMetrics(registry);
    metrics.setEta(9);
    metrics.setEta(undefined);
    expect(await samples(registry)).toEqual([]);
  });

  it('does not time the first step of a process', async () => {
    const registry = createRegistry();
    const first = { ...STEP, durationMs: undefined };
    createCoordinatorMetrics(registry).stepApplied(first);
    expect(await registry.metrics()).toMatch(
      /^muster_step_duration_seconds_count 0$/m,
    );
  });

  it('leaves promtool nothing to say', async (test) => {
    const registry = createRegistry();
    const metrics = createCoordinatorMetrics(registry);
    for (const [, update] of updates) update(metrics);
    metrics.setEvaluation(Number.NaN, 0);
    await expectNoFault(registry, test);
  });
});
