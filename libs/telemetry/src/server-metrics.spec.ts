import { describe, expect, it } from 'vitest';
import { PROCESS_METRICS, SHARD_METRICS } from './catalogue.js';
import { createRegistry } from './registry.js';
import { createServerMetrics } from './server-metrics.js';
import type { ServerMetrics } from './server-metrics.js';
import {
  RUN,
  RUN_SAMPLE,
  TRAFFIC,
  expectChange,
  expectNoFault,
  namesOf,
  registeredNames,
  trafficSamples,
} from './testing-samples.js';
import type { Update } from './testing-samples.js';

const node = process.version;

const updates: Update<ServerMetrics>[] = [
  [
    'setBuild',
    (of) => of.setBuild({ version: '0.1.0', protocol: 1 }),
    [`muster_build_info{version="0.1.0",protocol="1",node="${node}"} 1`],
  ],
  [
    'setRun',
    (of) => of.setRun({ ...RUN, totalSteps: 1175, epochs: 5 }),
    [RUN_SAMPLE, 'muster_planned_steps 1175', 'muster_epochs 5'],
  ],
  ['setStep', (of) => of.setStep(40), ['muster_step 40']],
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
  ['showWorkerPhases', (of) => of.showWorkerPhases(), []],
  ['setTraffic', (of) => of.setTraffic(TRAFFIC), trafficSamples('muster')],
  [
    'countDataSent',
    (of) => of.countDataSent(60),
    ['muster_data_sent_bytes_total 60'],
  ],
  [
    'countRefusedConnection',
    (of) => of.countRefusedConnection('ERR_UNAUTHORIZED'),
    ['muster_connections_refused_total{reason="unauthorized"} 1'],
  ],
  [
    'checkpointWritten',
    (of) =>
      of.checkpointWritten({
        ...{ durationMs: 20, numBytes: 7, writtenAtMs: 9000 },
        parameterNorm: 2.5,
      }),
    [
      'muster_checkpoint_duration_seconds_sum 0.02',
      'muster_checkpoint_duration_seconds_count 1',
      'muster_checkpoint_bytes 7',
      'muster_checkpoint_last_success_timestamp_seconds 9',
      'muster_parameter_norm 2.5',
    ],
  ],
  [
    'countCheckpointFailure',
    (of) => of.countCheckpointFailure(),
    ['muster_checkpoint_failures_total 1'],
  ],
];

describe('createServerMetrics', () => {
  it.each(updates)('%s changes its samples and no other', (...update) =>
    expectChange(createServerMetrics, update),
  );

  it('has no update method that is missing above', () => {
    const methods = Object.keys(createServerMetrics(createRegistry()));
    expect(methods.sort()).toEqual(updates.map(([name]) => name).sort());
  });

  it('registers its catalogue and nothing else', () => {
    expect(registeredNames(createServerMetrics)).toEqual(
      namesOf(PROCESS_METRICS, SHARD_METRICS),
    );
  });

  it('shows no step before there is one, and every reason as 0', async () => {
    const registry = createRegistry();
    createServerMetrics(registry);
    const text = await registry.metrics();
    expect(text).not.toMatch(/^muster_step /m);
    expect(text).toMatch(
      /^muster_connections_refused_total\{reason="tls"\} 0$/m,
    );
  });

  it('shows the phases of workers where they report them', async () => {
    const registry = createRegistry();
    const metrics = createServerMetrics(registry);
    const before = await registry.metrics();
    expect(before).toMatch(/^muster_phase_seconds_count\{phase="sum"\} 0$/m);
    expect(before).not.toMatch(/phase="compute"/);
    metrics.showWorkerPhases();
    const after = await registry.metrics();
    expect(after).toMatch(/^muster_phase_seconds_count\{phase="pull"\} 0$/m);
  });

  it('adds to its bytes what is new, and loses none', async () => {
    const registry = createRegistry();
    const metrics = createServerMetrics(registry);
    for (const sent of [8, 12, 12]) metrics.setTraffic({ ...TRAFFIC, sent });
    expect(await registry.metrics()).toMatch(/^muster_sent_bytes_total 12$/m);
  });

  it('leaves promtool nothing to say', async (test) => {
    const registry = createRegistry();
    const metrics = createServerMetrics(registry);
    for (const [, update] of updates) update(metrics);
    await expectNoFault(registry, test);
  });
});
