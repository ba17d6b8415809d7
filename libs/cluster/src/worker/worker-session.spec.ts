import { describe, expect, it } from 'vitest';
import { PROTOCOL_VERSION } from '@muster/protocol';
import type { MessageOf } from '@muster/protocol';
import { WorkerSession } from './worker-session.js';

const IDENTITY = {
  ...({ workerId: 'w', numerics: 'c'.repeat(64), backend: 'wasm' } as const),
};

function joined(incarnation: number, runId = 'run'): MessageOf<'joined'> {
  const life = { incarnation, runId, heartbeatMs: 1000 };
  return { type: 'joined', ...life, shards: [], dtype: 'json' };
}

describe('WorkerSession', () => {
  it('joins without a life first, then as the one it was counted as', () => {
    const session = new WorkerSession(IDENTITY);
    const join = { type: 'join', protocol: PROTOCOL_VERSION, ...IDENTITY };
    // what is not known is not said
    expect(session.join()).toStrictEqual(join);
    expect(session.joined(joined(4))).toBeUndefined();
    expect(session.join()).toStrictEqual({ ...join, incarnation: 4 });
  });

  it('says which network it insists on, and where it serves metrics', () => {
    const more = { model: 'a'.repeat(64), metricsUrl: 'http://w:9' };
    const session = new WorkerSession({ ...IDENTITY, ...more });
    expect(session.join()).toMatchObject(more);
  });

  it('subscribes in the life that it was given last', () => {
    const session = new WorkerSession(IDENTITY);
    expect(session.subscribe()).toBeUndefined();
    session.joined(joined(4));
    session.joined(joined(5));
    expect(session.subscribe()).toEqual({
      ...{ type: 'subscribe', workerId: 'w', incarnation: 5 },
    });
  });

  it('ends at another run, and is what it was', () => {
    const session = new WorkerSession(IDENTITY);
    session.joined(joined(4));
    expect(session.joined(joined(1, 'other'))).toEqual({
      ...{ outcome: 'failed', code: 'ERR_NOT_JOINED' },
      message:
        'the server at this address trains run other now, this worker was prepared for run: start it again',
    });
    expect(session.subscribe()).toHaveProperty('incarnation', 4);
  });
});
