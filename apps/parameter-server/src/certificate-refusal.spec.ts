import type { Message } from '@muster/protocol';
import { describe, expect, it } from 'vitest';
import { certificateRefusal } from './certificate-refusal.js';

const worker = { names: ['host-b'], isOwn: false, isServer: false };
const server = { names: ['server'], isOwn: false, isServer: true };
const own = { ...server, isOwn: true };

const said = (message: object) => message as Message;
const join = said({ type: 'join', workerId: 'worker-0' });
const subscribe = said({ type: 'subscribe', workerId: 'worker-0' });
const shardJoin = said({ type: 'shard-join' });
const follow = said({ type: 'follow' });
const heartbeat = said({ type: 'heartbeat', sequence: 1 });

describe('certificateRefusal', () => {
  it.each([
    ['a worker under its name', worker, said({ ...join, workerId: 'host-b' })],
    ['one of its workers', worker, said({ ...join, workerId: 'host-b-0' })],
    ["the server's own, any worker", own, join],
    ["the server's own, a server", own, shardJoin],
    ['a server', server, shardJoin],
    ['a standby', server, follow],
    ['what names nobody', worker, heartbeat],
  ])('lets through: %s', (_, certificate, message) => {
    expect(certificateRefusal(certificate, message)).toBeUndefined();
  });

  it.each([
    [
      'a worker under another name',
      worker,
      join,
      "'host-b': expected the name host-b, or host-b-SUFFIX (--tls-cert)",
    ],
    [
      'the same at another server',
      worker,
      subscribe,
      'worker-0 shows the certificate of',
    ],
    [
      'a worker of another server',
      server,
      join,
      'worker-0 shows the certificate of',
    ],
    [
      'a worker that would serve',
      worker,
      shardJoin,
      "'host-b' is a worker's certificate and no server's",
    ],
    [
      'a worker that would follow',
      worker,
      follow,
      'expected one with the usage serverAuth',
    ],
  ])('refuses: %s', (_, certificate, message, text) => {
    expect(certificateRefusal(certificate, message)).toContain(text);
  });
});
