import { describe, expect, it } from 'vitest';
import { lineOf } from './orders.js';
import type { News } from './orders.js';
import { RemoteAgent } from './remote-agent.js';

const HELLO = JSON.stringify({ type: 'hello', node: 'v20.0.0' });

/** An agent that a script of a shell plays, in place of ssh. */
function play(script: string, timeoutMs = 30_000) {
  const news: News[] = [];
  const strays: string[] = [];
  const agent = RemoteAgent.start({
    words: ['sh', '-c', script],
    ...{ timeoutMs, heartbeatMs: 50 },
    onNews: (one) => void news.push(one),
    onStray: (text) => void strays.push(text),
  });
  return { agent, news, strays };
}

describe('RemoteAgent', () => {
  it('tells news from what a login says', async () => {
    const { agent, news, strays } = play(
      `echo Welcome; echo '${HELLO}'; echo oh >&2; exit 3`,
    );
    const end = await agent.ended;
    expect(news).toEqual([{ type: 'hello', node: 'v20.0.0' }]);
    expect(strays.sort()).toEqual(['Welcome', 'oh']);
    expect(end.wasAsked).toBe(false);
    expect(end.reason).toMatch(/^ssh ended with 3: (Welcome|oh)$/);
  });

  it('is lost by silence, with all that ssh has started', async () => {
    // a shell that waits for its child, as ssh for that of a jump host
    const { agent } = play(`echo '${HELLO}'; sleep 1000; true`, 300);
    const startMs = performance.now();
    expect(await agent.ended).toEqual({
      ...{ wasAsked: false, reason: 'nothing heard for 300 ms' },
    });
    expect(performance.now() - startMs).toBeLessThan(10_000);
  });

  it('gives signs of life, and orders as they were given', async () => {
    const { agent, strays } = play('head -n 3 | grep -v heartbeat');
    agent.send({ type: 'signal', signal: 'SIGINT' });
    await agent.ended;
    // what was heard is no news, and so it is told as it stands
    const order = lineOf({ type: 'signal', signal: 'SIGINT' }).trim();
    expect(strays).toEqual([order]);
  });

  it('stops when it is told to, for its own reason', async () => {
    const stopped = JSON.stringify({ type: 'stopped', reason: 'told to' });
    const { agent } = play(
      `while read line; do case $line in *stop*) echo '${stopped}'; exit;; esac; done`,
    );
    expect(await agent.stop(false, 30_000)).toEqual({
      ...{ wasAsked: true, reason: 'told to' },
    });
  });

  it('is cut off when it does not stop', async () => {
    const { agent } = play(`echo '${HELLO}'; sleep 1000; true`);
    expect(await agent.stop(true, 200)).toEqual({
      ...{ wasAsked: true, reason: 'not ended 200 ms after it was told to' },
    });
  });

  it('tells that ssh is not there', async () => {
    const agent = RemoteAgent.start({
      words: ['/nowhere/ssh'],
      ...{ timeoutMs: 1000, heartbeatMs: 50 },
      onNews: () => undefined,
      onStray: () => undefined,
    });
    expect((await agent.ended).reason).toContain('ENOENT');
  });
});
