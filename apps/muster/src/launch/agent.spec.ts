import {
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Agent } from './agent.js';
import { AgentChild } from './agent-child.js';
import type { AgentChildOptions } from './agent-child.js';
import { lineOf, newsSchema, readLine } from './orders.js';
import type { News, Order } from './orders.js';

/** Programs in place of ours: they say what they are told, and stay. */
const STAYS = `
  console.error('here ' + process.env.WORKER_ID);
  process.on('SIGTERM', () => process.exit(0));
  process.on('disconnect', () => process.exit(0));
`;
const STUBBORN = `
  console.error('here');
  process.on('SIGTERM', () => undefined);
  setInterval(() => undefined, 1000);
`;

/** An agent whose processes run a program of the test's. */
class Bench {
  readonly input = new PassThrough();
  readonly output = new PassThrough();
  readonly started: AgentChildOptions[] = [];
  readonly news: News[] = [];
  readonly agent: Agent;
  readonly ended: Promise<void>;
  #heard: () => void = () => undefined;

  constructor(program = STAYS) {
    const folder = mkdtempSync(join(tmpdir(), 'muster-agent-'));
    const entry = join(folder, 'program.mjs');
    writeFileSync(entry, program);
    this.agent = new Agent({
      ...{ input: this.input, output: this.output },
      startChild: (options) => {
        this.started.push(options);
        return AgentChild.start({ ...options, entry, nodeFlags: [] });
      },
    });
    this.output.setEncoding('utf8').on('data', (text: string) => {
      for (const line of text.split('\n')) {
        const one = readLine(newsSchema, line);
        if (one !== undefined) this.news.push(one);
      }
      this.#heard();
    });
    this.ended = this.agent.run();
    onTestFinished(async () => {
      this.agent.stop('the test is over', 0);
      await this.ended;
      rmSync(folder, { recursive: true });
    });
  }

  tell(...orders: Order[]): void {
    for (const order of orders) this.input.write(lineOf(order));
  }

  /** Waits for news; a test that waits in vain ends by its time. */
  async until<T extends News['type']>(
    type: T,
    isIt: (news: Extract<News, { type: T }>) => boolean = () => true,
  ): Promise<Extract<News, { type: T }>> {
    for (;;) {
      const found = this.news.find(
        (one): one is Extract<News, { type: T }> =>
          one.type === type && isIt(one as Extract<News, { type: T }>),
      );
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => {
        this.#heard = resolve;
      });
    }
  }
}

const BEGIN: Order = {
  ...{ type: 'begin', token: 'secret', heartbeatMs: 50, timeoutMs: 30_000 },
};
const WORKERS: Order = {
  ...{ type: 'workers', names: ['b-0', 'b-1'] },
  ...{ env: { WORKER_SERVER: 'ws://a:1' }, maxRestarts: 3 },
};

/** Whether a process is there. */
function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

describe('an agent', () => {
  it('starts what it is told to, with the token in a file of its owner', async () => {
    const bench = new Bench();
    bench.tell(BEGIN, WORKERS);
    await bench.until('line', ({ text }) => text === 'here b-0');
    await bench.until('line', ({ text }) => text === 'here b-1');
    const { env, args } = bench.started[0]!;
    const file = String(env['WORKER_TOKEN_FILE']);
    expect(readFileSync(file, 'utf8')).toBe('secret\n');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(JSON.stringify([args, env])).not.toContain('secret');
    bench.tell({ type: 'stop', atOnce: false });
    await bench.ended;
    expect(existsSync(file)).toBe(false);
  });

  it('has certificates in files of their own, told to each by its path', async () => {
    const bench = new Bench();
    const pem = (name: string) => ({ cert: name, key: `${name}!`, ca: 'ca' });
    const [serverTls, workerTls] = [pem('server'), pem('b')];
    bench.tell({ ...BEGIN, serverTls, workerTls }, WORKERS, {
      ...{ type: 'server', args: ['server'], address: '127.0.0.1' },
    });
    await bench.until('started', ({ process }) => process === 'server');
    const args = bench.started.find(({ name }) => name === 'server')!.args;
    const { env } = bench.started.find(({ name }) => name !== 'server')!;
    expect(args.slice(0, 2)).toEqual(['server', '--listen']);
    const keyFile = args[args.indexOf('--tls-key') + 1]!;
    expect(readFileSync(keyFile, 'utf8')).toBe('server!');
    expect(statSync(keyFile).mode & 0o777).toBe(0o600);
    expect(readFileSync(env['WORKER_TLS_KEY']!, 'utf8')).toBe('b!');
    expect(readFileSync(env['WORKER_TLS_CERT']!, 'utf8')).toBe('b');
  });

  it('gives signs of life', async () => {
    const bench = new Bench();
    bench.tell(BEGIN);
    expect(await bench.until('hello')).toMatchObject({ node: process.version });
    await bench.until('heartbeat');
  });

  it('ends everything when its input ends: the launcher is dead', async () => {
    const bench = new Bench();
    bench.tell(BEGIN, WORKERS);
    const { pid } = await bench.until('started');
    await bench.until('line');
    bench.input.end();
    await bench.ended;
    expect(isAlive(pid)).toBe(false);
    expect(await bench.until('stopped')).toMatchObject({
      reason: 'the launcher is gone',
    });
  });

  it('ends everything when nothing is heard: the line is cut', async () => {
    const bench = new Bench();
    bench.tell({ ...BEGIN, timeoutMs: 300 }, WORKERS);
    const { pid } = await bench.until('started');
    const startMs = performance.now();
    await bench.ended;
    expect(isAlive(pid)).toBe(false);
    expect(performance.now() - startMs).toBeLessThan(5000);
    expect(await bench.until('stopped')).toMatchObject({
      reason: 'nothing heard of the launcher for 300 ms',
    });
  });

  it('lives as long as it hears of the launcher', async () => {
    const bench = new Bench();
    bench.tell({ ...BEGIN, timeoutMs: 1000 });
    const timer = setInterval(() => bench.tell({ type: 'heartbeat' }), 50);
    onTestFinished(() => clearInterval(timer));
    // two times the silence that would end it
    const count = () =>
      bench.news.filter(({ type }) => type === 'heartbeat').length;
    await bench.until('heartbeat', () => count() >= 40);
    expect(bench.news.some(({ type }) => type === 'stopped')).toBe(false);
  });

  it('ends at once what does not want to end', async () => {
    const bench = new Bench(STUBBORN);
    bench.tell(BEGIN, WORKERS);
    await bench.until('line');
    const { pid } = await bench.until('started');
    const startMs = performance.now();
    bench.tell({ type: 'stop', atOnce: true });
    await bench.ended;
    expect(isAlive(pid)).toBe(false);
    expect(performance.now() - startMs).toBeLessThan(5000);
  });

  it('starts a worker again that was killed', async () => {
    const bench = new Bench();
    bench.tell(BEGIN, { ...WORKERS, names: ['b-0'] });
    const { pid } = await bench.until('started');
    await bench.until('line');
    process.kill(pid, 'SIGKILL');
    await bench.until('notice', ({ text }) =>
      text.startsWith('b-0 ended (SIGKILL), started again'),
    );
    await bench.until('started', (one) => one.pid !== pid);
  });

  it('tells of a worker that cannot use what it was given', async () => {
    const bench = new Bench("console.error('bad data'); process.exit(2);");
    bench.tell(BEGIN, { ...WORKERS, names: ['b-0'] });
    expect(await bench.until('failed')).toMatchObject({
      code: 'ERR_PROCESS_FAILED',
      message: expect.stringContaining('bad data') as string,
    });
  });

  it('stops when it does not understand', async () => {
    const bench = new Bench();
    bench.input.write('{"type":"dance"}\n');
    await bench.ended;
    expect(await bench.until('stopped')).toMatchObject({
      reason: expect.stringContaining('could not be read') as string,
    });
  });
});
