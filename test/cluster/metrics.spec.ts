/**
 * What a monitoring system sees of a run while it goes on: metrics that
 * `promtool` accepts, and figures that agree with the summary.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { failOnLeftovers } from './muster-process.js';
import { signalTo } from './process-table.js';
import { Workbench } from './workbench.js';
import type { Training } from './training.js';

failOnLeftovers();

let bench: Workbench;
let run: Training;
/** Addresses of `/metrics`, without the path. */
let urls: { server: string; worker: string };

beforeAll(async () => {
  bench = await Workbench.create();
  run = bench.train({ workers: 2, epochs: 1000 });
  const server = await run.metricsUrl();
  const line = await run.logged(
    'worker-0',
    'the address of metrics',
    ({ event }) => event === 'metrics',
  );
  urls = { server, worker: String(line['url']) };
  await run.reached(3);
  await run.command.waitFor('two active workers', async () => {
    const page = await get(`${server}/metrics`);
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

/** The value of a metric without labels, or of one line with its labels. */
async function valueOf(url: string, series: string): Promise<number> {
  const page = await get(`${url}/metrics`);
  const line = page.split('\n').find((one) => one.startsWith(`${series} `));
  expect(line, `${series} in\n${page}`).toBeDefined();
  return Number(line!.slice(series.length + 1));
}

/** What `promtool check metrics` says; nothing when it is not installed. */
async function promtool(page: string) {
  const check = spawn('promtool', ['check', 'metrics']);
  let said = '';
  check.stdout.on('data', (text) => (said += String(text)));
  check.stderr.on('data', (text) => (said += String(text)));
  check.stdin.on('error', () => undefined).end(page);
  try {
    const [code] = (await once(check, 'close')) as [number];
    return { code, said };
  } catch {
    return undefined;
  }
}

describe.each(['server', 'worker'] as const)('the %s of a run', (role) => {
  it('is alive and ready', async () => {
    expect(await get(`${urls[role]}/healthz`)).toBe('200 alive\n');
    expect(await get(`${urls[role]}/readyz`)).toMatch(/^200 ready: \w+/);
  });

  it('has metrics without a fault', async (test) => {
    const page = await (await fetch(`${urls[role]}/metrics`)).text();
    const result = await promtool(page);
    test.skip(result === undefined, 'promtool is not installed');
    expect(result).toEqual({ code: 0, said: '' });
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
  it('rise on server and worker', async () => {
    const step = await valueOf(urls.server, 'muster_step');
    await run.command.waitFor('a later step', async () => {
      return (await valueOf(urls.server, 'muster_step')) > step + 2;
    });
    const tasks = 'muster_worker_tasks_total{kind="gradient"}';
    expect(await valueOf(urls.worker, tasks)).toBeGreaterThan(0);
    expect(await valueOf(urls.worker, 'muster_worker_connected')).toBe(1);
    const active = 'muster_workers{state="active"}';
    expect(await valueOf(urls.server, active)).toBe(2);
  });

  it('are those of the summary at the end', async () => {
    // A frozen worker says no goodbye: the server waits for it, with all its
    // figures final, for two seconds.
    await run.signal('SIGSTOP', 'worker-1');
    signalTo(run.command.pid, 'SIGINT');
    await run.logged(
      'server',
      'the last checkpoint',
      ({ event, reason }) => event === 'checkpoint' && reason === 'drain',
    );
    const last = {
      steps: await valueOf(urls.server, 'muster_step'),
      examplesApplied: await valueOf(urls.server, 'muster_images_total'),
    };
    await run.signal('SIGCONT', 'worker-1');
    expect(await run.summary(130)).toMatchObject(last);
  });
});
