import { describe, expect, it } from 'vitest';
import { runWords } from './run-words.js';

describe('runWords', () => {
  it('hands the input in and gives what was said', async () => {
    const words = ['sh', '-c', 'cat; echo oh >&2; exit 3'];
    const end = await runWords(words, { input: 'hello', timeoutMs: 30_000 });
    expect(end).toMatchObject({
      ...{ kind: 'ended', code: 3, stdout: 'hello', stderr: 'oh\n' },
    });
  });

  it('ends what takes too long, with all that it has started', async () => {
    const startMs = performance.now();
    const words = ['sh', '-c', 'sleep 1000; true'];
    expect(await runWords(words, { timeoutMs: 200 })).toEqual({
      ...{ kind: 'late', afterMs: 200 },
    });
    expect(performance.now() - startMs).toBeLessThan(10_000);
  });

  it('ends when it is aborted', async () => {
    const stop = new AbortController();
    const words = ['sh', '-c', 'sleep 1000; true'];
    const { signal } = stop;
    const ended = runWords(words, { timeoutMs: 30_000, signal });
    stop.abort();
    expect(await ended).toMatchObject({ kind: 'ended', code: null });
    expect(await runWords(words, { timeoutMs: 30_000, signal })).toMatchObject({
      ...{ kind: 'ended', code: null },
    });
  });

  it('takes words that read nothing, or are not there', async () => {
    const input = 'x'.repeat(1_000_000);
    const end = await runWords(['true'], { input, timeoutMs: 30_000 });
    expect(end).toMatchObject({ kind: 'ended', code: 0 });
    expect(await runWords(['/nowhere/x'], { timeoutMs: 1000 })).toMatchObject({
      ...{ kind: 'missing' },
    });
  });
});
