import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parseLogLine } from './log-line.js';
import { LOG_PHRASES } from './log-phrases.js';
import { logWords } from './log-words.js';

const words = (event: string, fields: Record<string, unknown> = {}) =>
  logWords({ event, fields: { level: 'info', event, ...fields } });

describe('logWords', () => {
  it('puts the fields of a phrase in their form, and others behind it', () => {
    const fields = {
      ...{ epoch: 1, step: 235, trainLoss: 0.38336, trainAccuracy: 0.89015 },
      ...{ testLoss: 0.0944194, testAccuracy: 0.97, trainMs: 7688.6 },
    };
    expect(words('epoch', fields)).toBe(
      'epoch 1 done: train loss 0.3834 accuracy 89.02 %, test loss 0.0944 accuracy 97.00 % step=235',
    );
  });

  it('takes the first phrase whose fields are all there', () => {
    const exit = { process: 'worker-1', exitCode: null, signal: 'SIGKILL' };
    expect(words('process-exited', exit)).toBe('worker-1 ended by SIGKILL');
    const said = { ...exit, exitCode: 2, signal: null, lastLine: 'no data' };
    expect(words('process-exited', said)).toBe(
      'worker-1 ended with exit code 2: no data',
    );
  });

  it('shows an event that has no phrase by its name', () => {
    const fields = {
      message: 'a b',
      seconds: 0.08952393,
      key: 'ab'.repeat(32),
    };
    expect(words('something-new', fields)).toBe(
      'something new message="a b" seconds=0.0895 key=abababababab',
    );
  });

  it('keeps a loss readable that is no number', () => {
    const fields = { epoch: 1, trainLoss: 'NaN', trainAccuracy: 0.1 };
    const test = { testLoss: 'NaN', testAccuracy: 0.1 };
    expect(words('epoch', { ...fields, ...test })).toContain('loss NaN');
  });

  it('leaves out what the reader sees already', () => {
    const fields = { event: 'working', workerId: 'w1', step: 3 };
    expect(logWords({ event: 'working', fields }, ['workerId'])).toBe(
      'working step=3',
    );
  });
});

describe('LOG_PHRASES', () => {
  it('has no event that nobody logs', () => {
    const apps = fileURLToPath(new URL('../../../apps/', import.meta.url));
    const sources = ['muster', 'parameter-server', 'worker'].flatMap((app) =>
      readdirSync(`${apps}${app}/src`, { recursive: true, encoding: 'utf8' })
        .filter((name) => name.endsWith('.ts') && !name.endsWith('.spec.ts'))
        .map((name) => readFileSync(`${apps}${app}/src/${name}`, 'utf8')),
    );
    const text = sources.join('\n');
    const unknown = Object.keys(LOG_PHRASES).filter(
      (event) => !text.includes(`'${event}'`),
    );
    expect(unknown).toEqual([]);
  });
});

describe('parseLogLine', () => {
  const LINE =
    '{"level":"warn","time":"2026-11-27T19:25:28.547Z","name":"worker","event":"retry","link":0}';

  it('reads a line', () => {
    expect(parseLogLine(LINE)).toMatchObject({
      ...{ atMs: Date.UTC(2026, 10, 27, 19, 25, 28, 547), level: 'warn' },
      ...{ event: 'retry', fields: { link: 0 } },
    });
  });

  it('reads the whole line behind one that was cut off', () => {
    expect(parseLogLine(`${LINE.slice(0, 40)}${LINE}`)?.event).toBe('retry');
  });

  it('reads a line whose message is a line', () => {
    const line = JSON.stringify({ ...JSON.parse(LINE), lastLine: LINE });
    expect(parseLogLine(line)?.fields['lastLine']).toBe(LINE);
  });

  it.each([
    ['half a line', LINE.slice(0, -1)],
    ['no JSON', 'FATAL ERROR: heap out of memory'],
    ['no time', '{"level":"info","event":"retry"}'],
    ['a wrong time', '{"level":"info","time":"x","event":"retry"}'],
    ['no level', LINE.replace('"warn"', '"loud"')],
    ['an array', '[]'],
    ['nothing', ''],
  ])('takes %s for no line', (_, text) => {
    expect(parseLogLine(text)).toBeUndefined();
  });
});
