import { afterEach, describe, expect, it, vi } from 'vitest';
import { hasColour, logText } from './log-text.js';
import { createLogger } from './logger.js';
import { terminalLog } from './terminal-log.js';

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

const line = (level: 'info' | 'warn', fields: Record<string, unknown> = {}) =>
  ({ atMs: 0, level, event: 'working', fields }) as const;

describe('logText', () => {
  it('says when, who and what', () => {
    const options = { time: '0:01.250', who: 'worker-0', hasColour: false };
    expect(logText(line('info', { step: 3 }), options)).toBe(
      '0:01.250  worker-0  working step=3',
    );
    expect(logText(line('warn'), options)).toBe(
      '0:01.250  worker-0  warn: working',
    );
  });

  it('shows a warning in its colour, and gives the terminal its own back', () => {
    const options = { time: 't', who: 'w', hasColour: true };
    expect(logText(line('warn'), options)).toBe(
      '\u001b[2mt\u001b[0m  \u001b[36mw\u001b[0m  \u001b[33mwarn: working\u001b[0m',
    );
  });

  it('hands no control character on to the terminal', () => {
    const options = { time: 't', who: 'w\u001b[2J', hasColour: false };
    const text = logText(line('info', { step: 'a\u0007\nb' }), options);
    expect(text).not.toMatch(/\p{Cc}/u);
  });
});

describe('hasColour', () => {
  it.each([
    [true, {}, true],
    [false, {}, false],
    [undefined, {}, false],
    [true, { NO_COLOR: '1' }, false],
    // the rule of no-color.org: an empty one does not count
    [true, { NO_COLOR: '' }, true],
    [true, { TERM: 'dumb' }, false],
  ])('of a terminal: %s, with %o: %s', (isTTY, env, expected) => {
    expect(hasColour({ isTTY }, env)).toBe(expected);
  });
});

describe('a logger to standard error', () => {
  it('writes words where that is a terminal', () => {
    vi.stubEnv('NO_COLOR', '1');
    const before = process.stderr.isTTY;
    const write = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    process.stderr.isTTY = true;
    const log = createLogger({
      ...{ name: 'worker', level: 'info', destination: 'stderr' },
      bindings: { workerId: 'w1' },
    });
    log.info('connected', { url: 'ws://a:1' });
    log.close();
    process.stderr.isTTY = before;
    expect(write.mock.calls).toEqual([
      [
        expect.stringMatching(
          /^\d\d:\d\d:\d\d\.\d{3} {2}w1 {2}connected to ws:\/\/a:1\n$/,
        ),
      ],
    ]);
  });

  it('names a server by its number', () => {
    const written: string[] = [];
    const output = { write: (text: string) => written.push(text) };
    const terminal = terminalLog(output, {});
    terminal.write(
      '{"level":"info","time":"2026-11-27T19:25:28.547Z","name":"parameter-server","server":1,"event":"working"}\n',
    );
    expect(written).toEqual(['19:25:28.547  parameter-server 1  working\n']);
  });
});
