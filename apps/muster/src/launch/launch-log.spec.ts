import {
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { LogFiles } from '../logs/log-files.js';
import { mergeLogs } from '../logs/run-logs.js';
import { LaunchLog } from './launch-log.js';

let folder: string;
let broken: string[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'muster-launch-log-'));
  broken = [];
});
afterEach(() => rmSync(folder, { recursive: true }));

const open = () => new LaunchLog((text) => broken.push(text));
const WORKER_LINE =
  '{"level":"info","time":"2026-01-01T00:00:00.000Z","name":"worker","workerId":"b-0","event":"working"}';

it('writes what came before the run had a folder, too', async () => {
  const log = open();
  log.note('info', 'b is there');
  log.launched('b', 'b-0', 7);
  expect(readdirSync(folder)).toEqual([]);
  log.begin(folder);
  log.note('warn', 'host b is lost');
  const lines = mergeLogs(await new LogFiles(join(folder, 'logs')).read(true));
  expect(lines.map(({ event, level }) => `${level} ${event}`)).toEqual([
    ...['info host-note', 'info process-launched', 'warn host-note'],
  ]);
  expect(lines.at(1)?.fields).toMatchObject({
    host: 'b',
    workerId: 'b-0',
    pid: 7,
  });
  expect(lines.at(2)?.fields).toMatchObject({
    name: 'muster',
    runId: basename(folder),
  });
});

it('gives each worker a log of its own, of its own lines', () => {
  const log = open();
  log.begin(folder);
  log.line('b', 'b-0', WORKER_LINE);
  log.line('b', 'b-0', 'Illegal instruction');
  const read = (name: string) =>
    readFileSync(join(folder, 'logs', name), 'utf8');
  expect(read('b-0.log')).toBe(`${WORKER_LINE}\n`);
  expect(read('launch.log')).toContain('"message":"Illegal instruction"');
});

it('says once that it cannot write, and the launch goes on', () => {
  writeFileSync(join(folder, 'logs'), 'a file where a folder should be');
  const log = open();
  log.begin(folder);
  log.note('info', 'a');
  log.note('info', 'b');
  expect(broken).toHaveLength(1);
  expect(broken[0]).toMatch(/^log lines are being lost: cannot write .*EEXIST/);
});
