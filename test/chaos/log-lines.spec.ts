import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger } from '@muster/telemetry';
import { expect, it } from 'vitest';
import { parseLog, readLogs } from './log-lines.js';

const LINE =
  '{"level":"info","time":"2026-11-25T00:00:01.500Z","name":"worker","workerId":"worker-0","event":"working"}';

it('gives process, time, event and the fields of a line', () => {
  expect(parseLog('worker-0', `${LINE}\n`)).toEqual([
    {
      process: 'worker-0',
      atMs: Date.UTC(2026, 10, 25, 0, 0, 1, 500),
      event: 'working',
      fields: JSON.parse(LINE) as unknown,
    },
  ]);
});

it('leaves out what a SIGKILL cut off, and what is no event', () => {
  const half = LINE.slice(0, 40);
  const text = [LINE, half, '', 'null', '{"event":"x"}', LINE, half].join('\n');
  expect(parseLog('worker-0', text)).toHaveLength(2);
});

it('takes a server without a number for the coordinator', () => {
  expect(parseLog('server', LINE)).toMatchObject([{ process: 'server-0' }]);
});

it('reads what our processes write, of all of them in the order of time', async () => {
  const run = await mkdtemp(join(tmpdir(), 'chaos-logs-'));
  await mkdir(join(run, 'logs'));
  await writeFile(join(run, 'logs', 'worker-0.out'), LINE);
  await writeFile(join(run, 'logs', 'worker-0.log'), `${LINE}\n`);
  const file = join(run, 'logs', 'server-1.log');
  const log = createLogger({
    ...{ name: 'parameter-server', level: 'info', destination: { file } },
  });
  const startMs = Date.now();
  log.info('training-resumed', { step: 3, from: 7 });
  log.close();
  const lines = await readLogs(run);
  await rm(run, { recursive: true });
  const [first, second] = lines.sort((a, b) => a.atMs - b.atMs);
  const byName = [first!, second!].map(({ process }) => process).sort();
  expect(byName).toEqual(['server-1', 'worker-0']);
  const resumed = lines.find(({ process }) => process === 'server-1');
  expect(resumed?.fields).toMatchObject({ step: 3, from: 7 });
  expect(Math.abs(resumed!.atMs - startMs)).toBeLessThan(10_000);
});
