import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, it } from 'vitest';
import { Client, SocketServer } from './sockets.js';
import { Stage } from './stage.js';

/** A process that does nothing until it is ended. */
function startProcess() {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => 0, 1e6)']);
  return { child, pid: child.pid!, ended: once(child, 'exit') };
}

it('signals the process that has a name now', async () => {
  await using stage = new Stage();
  const [first, second] = [startProcess(), startProcess()];
  stage.onStart('worker-0', first.pid);
  expect(stage.pidOf('worker-0')).toBe(first.pid);
  expect(stage.signal('worker-0', 'SIGKILL')).toBe(true);
  expect(await first.ended).toEqual([null, 'SIGKILL']);
  expect(stage.pidOf('worker-0')).toBeUndefined();
  expect(stage.signal('worker-0', 'SIGKILL')).toBe(false);
  stage.onStart('worker-0', second.pid);
  expect(stage.signal('worker-0', 'SIGTERM')).toBe(true);
  expect(await second.ended).toEqual([null, 'SIGTERM']);
});

it('signals no process but its own children', async () => {
  await using stage = new Stage();
  stage.onStart('worker-0', process.pid);
  stage.onStart('worker-1', process.ppid);
  stage.onStart('worker-2', -1);
  for (const name of ['worker-0', 'worker-1', 'worker-2', 'worker-3']) {
    expect(stage.signal(name, 'SIGCONT')).toBe(false);
  }
});

it('ends every process, a stopped one too', async () => {
  await using stage = new Stage();
  const all = [startProcess(), startProcess()];
  all.forEach(({ pid }, i) => stage.onStart(`worker-${i}`, pid));
  stage.signal('worker-1', 'SIGSTOP');
  stage.killAll();
  for (const { ended } of all) expect(await ended).toEqual([null, 'SIGKILL']);
});

it('calls a server without a number the coordinator', async () => {
  await using stage = new Stage();
  const { pid, ended } = startProcess();
  stage.onStart('server', pid);
  expect(stage.pidOf('server-0')).toBe(pid);
  stage.killAll();
  await ended;
});

it('puts a proxy before each server, the same one after a restart', async () => {
  await using stage = new Stage();
  await using first = await SocketServer.echo();
  await using second = await SocketServer.echo();
  const url = await stage.route('server-0', `ws://127.0.0.1:${first.port}`);
  expect(url).toBe(stage.proxyOf('server-0')!.url);
  const other = await stage.route('server-1', `ws://127.0.0.1:${first.port}`);
  expect(other).not.toBe(url);
  const again = await stage.route('server-0', `ws://127.0.0.1:${second.port}/`);
  expect(again).toBe(url);
  using client = await Client.connect(Number(new URL(url).port));
  expect(await client.ask('hello')).toBe('hello');
  expect([first.sockets.length, second.sockets.length]).toEqual([0, 1]);
  expect(stage.proxyOf('server-2')).toBeUndefined();
});

it('closes its proxies when it is disposed of', async () => {
  await using server = await SocketServer.echo();
  const stage = new Stage();
  await stage.route('server-0', `ws://127.0.0.1:${server.port}`);
  using client = await Client.connect(stage.proxyOf('server-0')!.port);
  await stage[Symbol.asyncDispose]();
  await client.closed;
});
