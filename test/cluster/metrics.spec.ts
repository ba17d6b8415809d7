/**
 * What a monitoring system sees of a run while it goes on: every family of
 * the catalogue, which `promtool` accepts, and figures that agree with the
 * summary.
 */
import { spawnSync } from 'node:child_process';
import {
  COORDINATOR_METRICS,
  PROCESS_METRICS,
  SHARD_METRICS,
  WORKER_METRICS,
} from '@muster/telemetry';
import type { MetricDefinition } from '@muster/telemetry';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NO_PROMTOOL, PROMTOOL } from '../deploy/promtool.js';
import { skipWithout } from '../deploy/skip-without.js';
import { failOnLeftovers } from './muster-process.js';
import { signalTo } from './process-table.js';
import { ENDLESS, SHORT_LEASE, Workbench } from './workbench.js';
import type { Training } from './training.js';

failOnLeftovers();

/** Processes of one run, and the tables that their metrics are from. */
const TABLES = {
  coordinator: [PROCESS_METRICS, SHARD_METRICS, COORDINATOR_METRICS],
  server: [PROCESS_METRICS, SHARD_METRICS],
  worker: [PROCESS_METRICS, WORKER_METRICS],
} as const;
type Role = keyof typeof TABLES;
const ROLES = Object.keys(TABLES) as Role[];

const definitionsOf = (role: Role) =>
  TABLES[role].flatMap((table) => Object.values<MetricDefinition>(table));

let bench: Workbench;
let run: Training;
/** Addresses of `/metrics`, without the path. */
let urls: Record<Role, string>;

beforeAll(async () => {
  bench = await Workbench.create();
  run = bench.train({
    ...{ workers: 2, servers: 2, epochs: ENDLESS },
    // without copies a worker that is frozen has to be waited for
    flags: [...SHORT_LEASE, '--straggler-factor', '0', '--wire', 'bf16'],
  });
  const coordinator = await run.metricsUrl();
  const listening = await run.logged(
    'server-1',
    'the address of metrics',
    ({ event }) => event === 'listening',
  );
  const line = await run.logged(
    'worker-0',
    'the address of metrics',
    ({ event }) => event === 'metrics',
  );
  const server = String(listening['metricsUrl']);
  urls = { coordinator, server, worker: String(line['url']) };
  await run.reached(3);
  await run.command.waitFor('two active workers', async () => {
    const page = await get(`${coordinator}/metrics`);
    return page.includes('muster_workers{state="active"} 2');
  });
}, 60_000);
afterAll(async () => {
  await run[Symbol.asyncDispose]();
  await bench[Symbol.asyncDispose]();
});

/** A page as `200 text`. */
async function get(url: string): Promise<string> {
  const response = await fetch(url);
  return `${response.status} ${await response.text()}`;
}

/** The names of our families that a page has, in order. */
async function familiesOf(role: Role): Promise<string[]> {
  const page = await get(`${urls[role]}/metrics`);
  const names = [...page.matchAll(/^# TYPE (muster_\S+)/gm)];
  return names.map(([, name = '']) => name).sort();
}

/** Families of which a page has no sample. */
async function emptyFamiliesOf(role: Role): Promise<string[]> {
  const page = await get(`${urls[role]}/metrics`);
  return definitionsOf(role)
    .filter(({ name }) => !new RegExp(`^${name}(_sum)?[ {]`, 'm').test(page))
    .map(({ name }) => name);
}

/** The value of a metric without labels, or of one line with its labels. */
async function valueOf(url: string, series: string): Promise<number> {
  return valueIn(await get(`${url}/metrics`), series);
}

function valueIn(page: string, series: string): number {
  const line = page.split('\n').find((one) => one.startsWith(`${series} `));
  expect(line, `${series} in\n${page}`).toBeDefined();
  return Number(line!.slice(series.length + 1));
}

describe.each(ROLES)('the %s of a run', (role) => {
  it('is alive and ready', async () => {
    expect(await get(`${urls[role]}/healthz`)).toBe('200 alive\n');
    expect(await get(`${urls[role]}/readyz`)).toMatch(/^200 ready: \w+/);
  });

  it('has each family of its tables, and none else', async () => {
    const names = definitionsOf(role).map(({ name }) => name);
    expect(await familiesOf(role)).toEqual(names.sort());
  });

  it('has samples of each of them once an epoch is over', async () => {
    await run.command.waitFor('samples of every family', async () => {
      return (await emptyFamiliesOf(role)).length === 0;
    });
  });

  it('has metrics without a fault', async (test) => {
    const input = await (await fetch(`${urls[role]}/metrics`)).text();
    const check = spawnSync(PROMTOOL, ['check', 'metrics'], { input });
    const isMissing = check.error !== undefined;
    skipWithout(test, isMissing ? NO_PROMTOOL : undefined);
    expect(String(check.stdout) + String(check.stderr)).toBe('');
    expect(check.status).toBe(0);
  });

  it('tells of its process, and of nothing without our prefix else', async () => {
    const page = await (await fetch(`${urls[role]}/metrics`)).text();
    const names = page.match(/^# TYPE \S+/gm)!.map((line) => line.slice(7));
    expect(names).toContain('process_cpu_seconds_total');
    expect(names).toContain('muster_build_info');
    for (const name of names) expect(name).toMatch(/^(muster|process|nodejs)_/);
  });

  it('knows no other page', async () => {
    expect(await get(`${urls[role]}/`)).toMatch(/^404 /);
  });
});

describe('figures of a run', () => {
  it('rise on every process', async () => {
    const step = await valueOf(urls.coordinator, 'muster_step');
    await run.command.waitFor('a later step', async () => {
      return (await valueOf(urls.server, 'muster_step')) > step + 2;
    });
    const tasks = 'muster_worker_tasks_total{kind="gradient"}';
    expect(await valueOf(urls.worker, tasks)).toBeGreaterThan(0);
    expect(await valueOf(urls.worker, 'muster_worker_connected')).toBe(1);
    expect(await valueOf(urls.worker, 'muster_worker_tensors')).toBeGreaterThan(
      0,
    );
    const active = 'muster_workers{state="active"}';
    expect(await valueOf(urls.coordinator, active)).toBe(2);
    expect(await valueOf(urls.coordinator, 'muster_workers_expected')).toBe(2);
  });

  it.each([
    ['coordinator', 'apply compute data encode pull push sum wait'],
    ['server', 'apply sum'],
    ['worker', 'compute data encode pull push wait'],
  ] as const)('tell what the %s spends its time on', async (role, phases) => {
    const page = await get(`${urls[role]}/metrics`);
    const counted = [
      ...page.matchAll(/_phase_seconds_count\{phase="(\w+)"\} [1-9]/g),
    ].map(([, phase]) => phase);
    expect(counted.sort().join(' ')).toBe(phases);
  });

  it('tell bytes before and after encoding', async () => {
    // pushes are float32 before, bf16 after; beside them are a few words
    for (const [role, bytes] of [
      ['coordinator', 'muster_received'],
      ['worker', 'muster_worker_sent'],
    ] as const) {
      const page = await get(`${urls[role]}/metrics`);
      const before = valueIn(page, `${bytes}_raw_bytes_total`);
      const after = valueIn(page, `${bytes}_bytes_total`);
      expect(before / after).toBeGreaterThan(1.5);
      expect(before / after).toBeLessThan(2);
    }
  });

  it('tell shares from 0 to 1, and who is slow from 1', async () => {
    const { coordinator } = urls;
    const goodput = await valueOf(coordinator, 'muster_goodput_ratio');
    expect(goodput).toBeGreaterThan(0);
    expect(goodput).toBeLessThanOrEqual(1);
    const straggler = await valueOf(coordinator, 'muster_straggler_ratio');
    expect(straggler).toBeGreaterThanOrEqual(1);
    expect(await valueOf(coordinator, 'muster_eta_seconds')).toBeGreaterThan(0);
  });

  it('tell that a worker was lost, and how long that took', async () => {
    const { coordinator } = urls;
    const recoveries = 'muster_recoveries_total{kind="worker"}';
    const took = 'muster_recovery_duration_seconds_sum{kind="worker"}';
    // a busy machine may have frozen one before
    const numBefore = await valueOf(coordinator, recoveries);
    const secondsBefore = await valueOf(coordinator, took);
    await run.signal('SIGSTOP', 'worker-1');
    await run.command.waitFor('a recovery', async () => {
      return (await valueOf(coordinator, recoveries)) > numBefore;
    });
    await run.signal('SIGCONT', 'worker-1');
    // at least the lease of a second, from the last sign of life
    const seconds = (await valueOf(coordinator, took)) - secondsBefore;
    expect(seconds).toBeGreaterThan(1);
    const expired = await valueOf(coordinator, 'muster_leases_expired_total');
    expect(expired).toBeGreaterThan(0);
    await run.command.waitFor('its return', async () => {
      const active = 'muster_workers{state="active"}';
      return (await valueOf(coordinator, active)) === 2;
    });
  });

  it('are those of the summary at the end', async () => {
    // A frozen worker says no goodbye: the server waits for it, with all its
    // figures final, for two seconds.
    await run.signal('SIGSTOP', 'worker-1');
    signalTo(run.command.pid, 'SIGINT');
    await run.logged(
      'server-0',
      'the last checkpoint',
      ({ event, reason }) => event === 'checkpoint' && reason === 'drain',
    );
    const examples = (outcome: string) =>
      valueOf(urls.coordinator, `muster_examples_total{outcome="${outcome}"}`);
    const last = {
      steps: await valueOf(urls.coordinator, 'muster_step'),
      examplesApplied: await examples('applied'),
      examplesDuplicate: await examples('duplicate'),
      examplesLost: await examples('lost'),
    };
    await run.signal('SIGCONT', 'worker-1');
    expect(await run.summary(130)).toMatchObject(last);
  });
});
