import { describe, expect, it } from 'vitest';
import { LaunchView, readableLine } from './launch-view.js';

function shown(use: (view: LaunchView) => void): string {
  let text = '';
  const view = new LaunchView(
    { write: (part: string) => (text += part) },
    () => 0,
  );
  use(view);
  view.close();
  return text;
}

describe('LaunchView', () => {
  it('puts the host and the process before each line', () => {
    expect(shown((view) => view.line('b', 'b-0', 'hello'))).toBe(
      '[b/worker-0] hello\n',
    );
    expect(shown((view) => view.line('b', undefined, 'motd'))).toBe(
      '[b] motd\n',
    );
  });

  it('shows where the server listens, and what it says', () => {
    const text = shown((view) => {
      view.report('a', {
        ...{ type: 'listening', url: 'ws://a:1', version: 45 },
        metricsUrl: 'http://a:2',
      });
      view.report('a', { type: 'notice', text: 'worker lost' });
    });
    expect(text.split('\n')).toEqual([
      '[a/server] going on from step 45',
      '[a/server] listens at ws://a:1, metrics at http://a:2/metrics',
      '[a/server] worker lost',
      '',
    ]);
  });

  it('takes control characters of a host away', () => {
    const text = shown((view) => view.line('b', 'x', 'a\u001b[2Jb'));
    expect(text).not.toContain('\u001b');
  });
});

describe('readableLine', () => {
  const line = (fields: object) =>
    JSON.stringify({
      ...{ level: 'info', time: '2026-11-27T19:25:28.547Z', name: 'worker' },
      ...{ workerId: 'b-0', ...fields },
    });

  it('shows the event of a log line in words, and its fields', () => {
    const fields = { event: 'connected', url: 'ws://a:1', reason: 'a b' };
    expect(readableLine(line(fields))).toBe(
      'connected to ws://a:1 reason="a b"',
    );
  });

  it('says which are warnings', () => {
    const fields = { level: 'warn', event: 'disconnected' };
    expect(readableLine(line(fields))).toBe('warn: disconnected');
  });

  it('leaves other lines as they are', () => {
    for (const text of ['plain', '{', '{"a":1}', '']) {
      expect(readableLine(text)).toBe(text);
    }
  });
});
