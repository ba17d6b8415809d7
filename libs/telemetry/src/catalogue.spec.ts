import { describe, expect, it } from 'vitest';
import {
  PROCESS_METRICS,
  SERVER_METRICS,
  WORKER_METRICS,
} from './catalogue.js';
import { refusalReasonOf } from './labels.js';
import { labelSets } from './metric-definition.js';
import type { MetricDefinition } from './metric-definition.js';

const all: MetricDefinition[] = [
  ...Object.values(PROCESS_METRICS),
  ...Object.values(SERVER_METRICS),
  ...Object.values(WORKER_METRICS),
];

describe('the catalogue', () => {
  it('names each metric once, in snake case after muster_', () => {
    const names = all.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(name).toMatch(/^muster(_[a-z]+)+$/);
  });

  it('ends counters, and only them, with _total', () => {
    for (const { name, type } of all) {
      expect(`${name}: ${type === 'counter'}`).toBe(
        `${name}: ${name.endsWith('_total')}`,
      );
    }
  });

  it('measures histograms in seconds or steps, with rising buckets', () => {
    const histograms = all.filter(({ type }) => type === 'histogram');
    expect(histograms).not.toHaveLength(0);
    for (const { name, buckets = [] } of histograms) {
      expect(name).toMatch(/_(seconds|steps)$/);
      expect(buckets.length).toBeGreaterThan(1);
      expect([...buckets].sort((a, b) => a - b)).toEqual(buckets);
    }
  });

  it('says the unit in the help text, in one sentence', () => {
    const units = {
      seconds: /second/i,
      bytes: /byte/i,
      ratio: /0 to 1|from 1/,
    };
    for (const { name, help } of all) {
      expect(help).toMatch(/^[A-Z].*[a-z0-9]\.$/);
      for (const [unit, mention] of Object.entries(units)) {
        if (name.includes(`_${unit}`)) expect(help).toMatch(mention);
      }
    }
  });

  it('gives infos the value 1 and constant labels', () => {
    for (const { name, help, labels = {} } of all) {
      const isInfo = name.endsWith('_info');
      expect(help.startsWith('Always 1')).toBe(isInfo);
      for (const values of Object.values(labels)) {
        expect(values === 'constant').toBe(isInfo);
      }
    }
  });

  it('keeps its names: dashboards and alerts are written against them', () => {
    expect(all.map(({ name }) => name.replace('muster_', ''))).toEqual([
      'build_info',
      'run_info',
      'step',
      'planned_steps',
      'epochs',
      'parameter_norm',
      'phase_seconds',
      'received_bytes_total',
      'sent_bytes_total',
      'received_raw_bytes_total',
      'sent_raw_bytes_total',
      'data_sent_bytes_total',
      'connections_refused_total',
      'checkpoint_duration_seconds',
      'checkpoint_bytes',
      'checkpoint_last_success_timestamp_seconds',
      'checkpoint_failures_total',
      'epoch',
      'loss',
      'accuracy_ratio',
      'test_loss',
      'test_accuracy_ratio',
      'learning_rate',
      'gradient_norm',
      'examples_total',
      'step_duration_seconds',
      'pushes_total',
      'staleness_steps',
      'workers',
      'workers_expected',
      'straggler_ratio',
      'joins_total',
      'departures_total',
      'leases_expired_total',
      'backup_tasks_total',
      'backup_tasks_won_total',
      'task_failures_total',
      'recoveries_total',
      'recovery_duration_seconds',
      'steps_redone_total',
      'goodput_ratio',
      'eta_seconds',
      'reproducible',
      'worker_info',
      'worker_backend_info',
      'worker_connected',
      'worker_step',
      'worker_loss',
      'worker_tasks_total',
      'worker_task_failures_total',
      'worker_pushes_total',
      'worker_staleness_steps',
      'worker_images_total',
      'worker_phase_seconds',
      'worker_heartbeat_duration_seconds',
      'worker_reconnects_total',
      'worker_received_bytes_total',
      'worker_sent_bytes_total',
      'worker_received_raw_bytes_total',
      'worker_sent_raw_bytes_total',
      'worker_tensors',
    ]);
  });
});

describe('labelSets', () => {
  const definition = { name: 'n', type: 'gauge', help: 'h' } as const;

  it('is one empty set without labels', () => {
    expect(labelSets(definition)).toEqual([{}]);
  });

  it('is every combination of closed labels', () => {
    const labels = { a: ['1', '2'], b: ['x', 'y'] };
    expect(labelSets({ ...definition, labels })).toEqual([
      { a: '1', b: 'x' },
      { a: '1', b: 'y' },
      { a: '2', b: 'x' },
      { a: '2', b: 'y' },
    ]);
  });

  it('is empty where a value is known later only', () => {
    const labels = { a: ['1'], run: 'constant' } as const;
    expect(labelSets({ ...definition, labels })).toEqual([]);
  });
});

describe('refusalReasonOf', () => {
  it('is the code in words', () => {
    expect(refusalReasonOf('ERR_FRAME_TOO_LARGE')).toBe('frame-too-large');
    expect(refusalReasonOf('ERR_UNAUTHORIZED')).toBe('unauthorized');
  });

  it('is `other` for any other text: a label value is not free', () => {
    expect(refusalReasonOf('ERR_INTERNAL')).toBe('other');
    expect(refusalReasonOf('')).toBe('other');
  });
});
