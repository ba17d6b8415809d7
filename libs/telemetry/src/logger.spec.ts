import {
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createLogger } from './logger.js';

let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'muster-logger-'));
  file = join(folder, 'logs', 'worker-1.jsonl');
});

afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

function lines(): Record<string, unknown>[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

function openLog(level: 'debug' | 'info' | 'warn' = 'info') {
  return createLogger({
    name: 'worker',
    level,
    destination: { file },
    bindings: { workerId: 'w1' },
  });
}

describe('createLogger', () => {
  it('writes one JSON line an event, with the fields of the process', () => {
    const log = openLog();
    log.info('joined', { incarnation: 2, step: 40 });
    log.warn('push-refused', { code: 'ERR_SHAPE_MISMATCH' });
    const [first, second, ...more] = lines();
    expect(first).toEqual({
      level: 'info',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]{12}Z$/) as string,
      name: 'worker',
      workerId: 'w1',
      event: 'joined',
      incarnation: 2,
      step: 40,
    });
    expect(second).toMatchObject({ level: 'warn', event: 'push-refused' });
    expect(more).toEqual([]);
  });

  it('leaves out what is below its level', () => {
    const log = openLog('warn');
    log.debug('a');
    log.info('b');
    log.warn('c');
    log.error('d');
    expect(lines().map(({ event }) => event)).toEqual(['c', 'd']);
  });

  it('gives a child its fields, on the same file', () => {
    const log = openLog();
    log.child({ incarnation: 3 }).info('joined');
    expect(lines()).toMatchObject([{ workerId: 'w1', incarnation: 3 }]);
  });

  it('takes fields on that are known later, and children with them', () => {
    const log = openLog();
    log.info('process-started');
    log.bind({ runId: 'r1', incarnation: 1 });
    log.bind({ incarnation: 2 });
    log.child({ link: 0 }).info('connected');
    expect(lines()).toMatchObject([
      { event: 'process-started' },
      { runId: 'r1', incarnation: 2, workerId: 'w1', link: 0 },
    ]);
    expect(lines()[0]).not.toHaveProperty('runId');
  });

  it('writes no field twice, whoever names it again', () => {
    const log = openLog();
    log.child({ workerId: 'w1' }).info('joined', { workerId: 'w2' });
    expect(readFileSync(file, 'utf8').match(/workerId/g)).toHaveLength(1);
    // what is nearest to the event holds
    expect(lines()).toMatchObject([{ workerId: 'w2' }]);
  });

  it('appends to a file that is there', () => {
    openLog().info('first');
    openLog().info('second');
    expect(lines().map(({ event }) => event)).toEqual(['first', 'second']);
  });

  it('keeps a loss that is no number readable', () => {
    openLog().info('step', { loss: Number.NaN, norm: Infinity, step: 1 });
    expect(lines()).toMatchObject([{ loss: 'NaN', norm: 'Infinity', step: 1 }]);
  });

  it('tells code, message, cause and stack of an error', () => {
    const cause = Object.assign(new Error('no'), { code: 'ECONNREFUSED' });
    const error = Object.assign(new Error('gone', { cause }), {
      code: 'ERR_X',
    });
    openLog().error('failed', { error });
    expect(lines()).toMatchObject([
      {
        error: {
          code: 'ERR_X',
          message: 'gone',
          cause: 'ECONNREFUSED',
          stack: error.stack,
        },
      },
    ]);
  });

  it('writes no secret, whoever hands it in', () => {
    const log = createLogger({
      name: 'worker',
      level: 'info',
      destination: { file },
      bindings: { token: 'geheim' },
    });
    log.child({ authorization: 'geheim' }).info('dial', {
      headers: { authorization: 'Bearer geheim' },
      password: 'geheim',
    });
    const text = readFileSync(file, 'utf8');
    expect(text).not.toContain('geheim');
    expect(text.match(/\[redacted\]/g)).toHaveLength(4);
  });

  it('drops lines after close, which may be called twice', () => {
    const log = openLog();
    const child = log.child({});
    log.info('last');
    log.close();
    log.close();
    log.info('too late');
    child.info('too late');
    expect(lines().map(({ event }) => event)).toEqual(['last']);
  });

  it('names the file that it cannot open', () => {
    writeFileSync(join(folder, 'logs'), 'a file where a folder should be');
    expect(() => openLog()).toThrow(
      expect.objectContaining({
        code: 'ERR_CONFIG',
        message: `cannot open log file ${file}: EEXIST (runs are written below --out)`,
      }) as Error,
    );
  });

  it('lives on when the disk is full, and says so once', async (context) => {
    if (!existsSync('/dev/full')) context.skip('no /dev/full here');
    const toStderr = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    const log = createLogger({
      name: 'worker',
      level: 'info',
      destination: { file: '/dev/full' },
    });
    log.info('a');
    log.info('b');
    expect(toStderr.mock.calls).toEqual([
      ['muster: log lines are being lost: cannot write /dev/full: ENOSPC\n'],
    ]);
  });

  it('has a line in the file before the call returns, so no end loses it', () => {
    const log = openLog();
    for (let i = 0; i < 100; i++) {
      log.info('tick', { i });
      expect(lines().at(-1)).toMatchObject({ i });
    }
  });
});
