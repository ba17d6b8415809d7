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
  it('shows the event of a log line and its fields', () => {
    const line = JSON.stringify({
      ...{ level: 'info', time: 't', name: 'worker', workerId: 'b-0' },
      ...{ event: 'connected', link: 0, url: 'ws://a:1', reason: 'a b' },
    });
    expect(readableLine(line)).toBe(
      'connected link=0 url=ws://a:1 reason="a b"',
    );
  });

  it('shows the beginning of a fingerprint', () => {
    const line = JSON.stringify({
      ...{ level: 'info', event: 'x' },
      numerics: 'ab'.repeat(32),
    });
    expect(readableLine(line)).toBe('x numerics=abababababab');
  });

  it('says which are warnings', () => {
    expect(readableLine('{"level":"warn","event":"retry"}')).toBe(
      'warn: retry',
    );
  });

  it('leaves other lines as they are', () => {
    for (const line of ['plain', '{', '{"a":1}', '']) {
      expect(readableLine(line)).toBe(line);
    }
  });
});
