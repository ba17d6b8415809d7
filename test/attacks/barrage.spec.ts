/**
 * Everything at once against a real server, while a real worker trains: the
 * training ends, with the bits of one that nobody disturbed.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { failOnLeftovers, muster } from '../cluster/muster-process.js';
import { SlowLine } from '../cluster/slow-line.js';
import { Workbench } from '../cluster/workbench.js';
import { rawFrame } from './raw-frame.js';
import { RawSocket, upgradeRequest } from './raw-socket.js';

failOnLeftovers();

let bench: Workbench;
beforeAll(async () => {
  bench = await Workbench.create();
});
afterAll(() => bench[Symbol.asyncDispose]());

/**
 * One attack after another, until it is told to stop or nobody listens any
 * more; gives their number.
 */
async function keepOn(
  signal: AbortSignal,
  attack: () => Promise<unknown>,
): Promise<number> {
  let number = 0;
  try {
    for (; !signal.aborted; number++) await attack();
  } catch {
    // the server has ended with its run
  }
  return number;
}

/** Connects, sends, and waits to be cut off. */
async function strike(
  port: number,
  from: string,
  ...bytes: readonly (string | Uint8Array)[]
): Promise<string> {
  using attacker = await RawSocket.open(port, from);
  for (const one of bytes) attacker.send(one);
  return (await attacker.hungUp()).answer;
}

/** Opens sockets that say nothing, and waits for the first to be cut off. */
async function silence(port: number, from: string): Promise<void> {
  const sockets = await Promise.all(
    Array.from({ length: 100 }, () => RawSocket.open(port, from)),
  );
  await Promise.race(sockets.map((socket) => socket.hungUp()));
  for (const socket of sockets) socket[Symbol.dispose]();
}

describe('a training under attack', () => {
  it('ends with the bits of one in peace', async () => {
    await using peaceful = bench.train();
    const { parametersSha256 } = await peaceful.summary();

    await using server = bench.serve({
      flags: ['--handshake-timeout-ms', '300'],
    });
    const url = new URL(await server.url());
    const files = await server.files();
    const token = (await files.text('token')).trim();
    const port = Number(url.port);
    const metricsPort = Number(new URL(await server.metricsUrl()).port);
    const right = { Authorization: `Bearer ${token}` };
    const garbage = rawFrame({ payload: Buffer.alloc(2000, 0xdd) });

    const stop = new AbortController();
    const attacks = [
      () => silence(port, '127.0.0.2'),
      () => strike(port, '127.0.0.3', upgradeRequest()),
      () => strike(port, '127.0.0.4', upgradeRequest(right), garbage),
      () =>
        strike(
          port,
          '127.0.0.5',
          upgradeRequest(right),
          rawFrame({ claims: 2n ** 40n }),
        ),
      () => strike(port, '127.0.0.6', Buffer.alloc(3000, 0x41)),
      () =>
        strike(
          metricsPort,
          '127.0.0.7',
          'GET /metrics HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n',
        ),
    ].map((attack) => keepOn(stop.signal, attack));

    // as long as attacks take, on any machine
    const { env } = SlowLine.begin(bench.path);
    const worker = await muster(
      [
        ...['worker', '--server', url.origin],
        ...['--token-file', `${files.path}/token`],
        ...['--backend', 'wasm', '--data', bench.data],
      ],
      { env },
    );
    stop.abort();
    const numbers = await Promise.all(attacks);
    expect(worker.code, worker.stderr).toBe(0);
    expect((await server.exit()).code).toBe(0);
    expect((await files.summary()).parametersSha256).toBe(parametersSha256);
    for (const number of numbers) expect(number).toBeGreaterThan(0);

    const log = await files.log('server');
    const refused = log.filter(({ event }) => event === 'connection-refused');
    const seconds = new Set(
      refused.map(({ time }) => String(time).slice(0, 19)),
    );
    // at most 10 lines in any second, so at most 20 within one of the clock
    expect(refused.length).toBeLessThanOrEqual(20 * seconds.size);
    expect(JSON.stringify(log)).not.toContain(token);
  });
});
