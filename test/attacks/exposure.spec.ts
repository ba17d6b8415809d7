/**
 * What stands open beyond this machine, as the command says it and as a
 * stranger finds it.
 */
import { networkInterfaces } from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { failOnLeftovers } from '../cluster/muster-process.js';
import { Workbench } from '../cluster/workbench.js';
import { RawSocket, upgradeRequest } from './raw-socket.js';

failOnLeftovers();

let bench: Workbench;
beforeAll(async () => {
  bench = await Workbench.create();
});
afterAll(() => bench[Symbol.asyncDispose]());

/** Starts a server with these flags; gives its port and what it said. */
async function serve(...flags: readonly string[]) {
  const server = bench.serve({ flags });
  const port = Number(new URL(await server.url()).port);
  const { stderr: said } = server.command;
  const end = () => server[Symbol.asyncDispose]();
  return { port, said, [Symbol.asyncDispose]: end };
}

/** The status that a request without a token gets. */
async function statusOf(port: number): Promise<number> {
  using stranger = await RawSocket.open(port);
  stranger.send(upgradeRequest());
  const answer = await stranger.answered(/^HTTP\/1\.1 \d{3}/);
  return Number(answer.slice(9, 12));
}

/** Whether a port is open on an address that is not loopback. */
async function isOpenBeyond(port: number): Promise<boolean> {
  const all = Object.values(networkInterfaces()).flatMap((one) => one ?? []);
  const address = all.find(
    ({ internal, family }) => !internal && family === 'IPv4',
  );
  // without a network there is no beyond: what listens on all has loopback
  const host = address?.address ?? '127.0.0.2';
  return await RawSocket.open(port, undefined, host).then(
    (socket) => {
      socket[Symbol.dispose]();
      return true;
    },
    () => false,
  );
}

describe('a server', () => {
  it('as it is started without a word listens on this machine only', async () => {
    await using server = await serve();
    const { port, said } = server;
    expect(await isOpenBeyond(port)).toBe(false);
    expect(await statusOf(port)).toBe(401);
    expect(said).toBe('');
  });

  it('on every address wants the token of its run, without being told', async () => {
    await using server = await serve('--listen', '0.0.0.0:0');
    const { port, said } = server;
    expect(await isOpenBeyond(port)).toBe(true);
    expect(await statusOf(port)).toBe(401);
    expect(said).toBe('');
  });

  it('wants none with --insecure, and says what that means', async () => {
    await using server = await serve(
      ...['--listen', '0.0.0.0:0', '--insecure'],
      ...['--metrics-listen', '0.0.0.0:0'],
    );
    const { port, said } = server;
    expect(await statusOf(port)).toBe(101);
    expect(said.split('\n')).toEqual([
      'muster: anybody who reaches 0.0.0.0:0 can join this run and change its result (--insecure)',
      'muster: anybody who reaches 0.0.0.0:0 can read the metrics (--metrics-token-file)',
      '',
    ]);
  });

  it('takes the limits that it is given', async () => {
    await using server = await serve('--max-failed-logins', '1');
    const { port } = server;
    expect(await statusOf(port)).toBe(401);
    expect(await statusOf(port)).toBe(429);
  });
});
