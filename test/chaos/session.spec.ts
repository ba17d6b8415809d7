import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { syntheticDataset, loadDataset, writeDataset } from '@muster/data';
import type { Dataset } from '@muster/data';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { FakeLauncher } from './fake-launcher.js';
import { readLogs } from './log-lines.js';
import { readOptions } from './options.js';
import { reportOf } from './report.js';
import type { Fault } from './fault.js';
import { Session } from './session.js';
import { tableOf } from './table.js';

/** A fake step takes at least 10 ms: three seconds. */
const NUM_STEPS = 300;

const FAULTS: Fault[] = [
  { kind: 'pause', target: 'worker-0', atMs: 20, durationMs: 100 },
  { kind: 'kill', target: 'worker-1', atMs: 50 },
  { kind: 'kill', target: 'server-1', atMs: 600 },
  { kind: 'kill', target: 'worker-7', atMs: 650 },
  { kind: 'cut', target: 'server-0', atMs: 1200 },
  { kind: 'pause', target: 'worker-0', atMs: 1250, durationMs: 60_000 },
];

let out: string;
let dataset: Dataset;
beforeAll(async () => {
  out = await mkdtemp(join(tmpdir(), 'chaos-session-'));
  const size = { rows: 14, columns: 14, numClasses: 4 };
  const data = { seed: 1, numTrain: 8, numTest: 8, ...size };
  await writeDataset(join(out, 'data'), syntheticDataset(data));
  dataset = await loadDataset(join(out, 'data'));
});
afterAll(() => rm(out, { recursive: true }));

function setUp() {
  const launcher = new FakeLauncher(NUM_STEPS);
  const options = readOptions(['--workers', '2', '--servers', '2']);
  const onReport = () => undefined;
  const session = new Session({ launcher, dataset, out, options, onReport });
  return { launcher, session };
}

const FIRST_STARTS = ['server-0', 'server-1', 'worker-0', 'worker-1'];

it('trains undisturbed when it is told to', async () => {
  const { launcher, session } = setUp();
  const calm = await session.calm(1);
  expect(launcher.starts).toEqual(FIRST_STARTS);
  expect(calm.summary.parametersSha256).toBe('whole');
  expect(calm.faults).toEqual([]);
  expect(calm.steps).toHaveLength(NUM_STEPS);
  expect(calm.seconds).toBeGreaterThanOrEqual((NUM_STEPS * 9) / 1000);
});

it('trains under faults, and reports what came of it', async () => {
  const { launcher, session } = setUp();
  const calm = await session.calm(1);
  launcher.starts.splice(0);
  const disturbed = await session.disturbed(1, FAULTS);
  expect(launcher.starts).toEqual([...FIRST_STARTS, 'worker-1', 'server-1']);
  const done = disturbed.faults.map(({ isDone }) => isDone);
  expect(done).toEqual([true, true, true, false, true, true]);

  const lines = await readLogs(disturbed.folder);
  const report = reportOf(calm, disturbed, lines);
  expect(report.faults).toMatchObject({
    ...{ total: 5, kill: 2, pause: 2, cut: 1, slow: 0, skipped: 1 },
    ...{ killsOfServers: 1, killsOfCoordinator: 0 },
  });
  expect(report.rejoin.alone.count + report.rejoin.overlapped.count).toBe(1);
  expect(report.workerStart.count).toBe(1);
  expect(report.serverStart.count).toBe(1);
  // the fake's client does not connect again: that is seen, and said
  expect(report.isSame).toBe(false);
  expect(report.differences).toEqual([
    'parametersSha256: expected whole, got cut',
  ]);
  const table = tableOf(report);
  expect(table).toContain('faults 5: kill 2, pause 2, cut 1');
  expect(table).toContain('NOT the undisturbed run: parametersSha256');
});
