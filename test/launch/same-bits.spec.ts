/**
 * `muster launch` over three hosts: whatever befalls them, the result is that
 * of one process, and nothing is left on any of them.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { failOnLeftovers, muster } from '../cluster/muster-process.js';
import { signalTo } from '../cluster/process-table.js';
import { outcomeOf } from '../cluster/run-files.js';
import { STEPS_PER_EPOCH } from '../cluster/workbench.js';
import { HOSTS, LAUNCH_EPOCHS, LaunchBench } from './launch-bench.js';
import { missingNamespaces } from './missing.js';
import { LAUNCHER } from './network.js';

failOnLeftovers();

const missing = missingNamespaces();
const TOTAL_STEPS = LAUNCH_EPOCHS * STEPS_PER_EPOCH;
const HALFWAY = TOTAL_STEPS / 2;
const THREE = ['--no-sync', '-H', 'a:1,b:2,c:1'];

describe('a launch over three hosts', () => {
  let bench: LaunchBench;
  let undisturbed: ReturnType<typeof outcomeOf>;

  beforeAll(async () => {
    if (missing !== undefined) return;
    bench = await LaunchBench.create();
    undisturbed = outcomeOf(await bench.local());
  }, 60_000);
  afterAll(() => bench?.[Symbol.asyncDispose]());
  beforeEach((test) => test.skip(missing !== undefined, missing));

  /** What a page says to the machine of the launcher. */
  const read = (url: string) => bench.network.read(LAUNCHER, url);

  it('ends with the bits of a local run, and leaves nothing', async () => {
    await using run = bench.launch(THREE);
    for (const worker of ['a-0', 'b-1', 'c-0']) {
      await run.works(worker);
    }
    const files = await run.files();
    const token = await tokenOf(bench);
    expect(outcomeOf(await run.summary())).toEqual(undisturbed);
    await bench.expectNothingLeft();
    expect(outcomeOf(await files.summary())).toEqual(undisturbed);
    const { stderr } = run.command;
    expect(stderr).toMatch(/^host +workers +platform +node/m);
    expect(stderr).toMatch(/^\[b\/worker-1\] started, process \d+$/m);
    expect(stderr).not.toContain(token);
    // who was started where, and what each worker said, by ssh
    const launched = await files.log('launch');
    expect(launched).toContainEqual(
      expect.objectContaining({
        ...{ event: 'process-launched', host: 'b', workerId: 'b-1' },
      }),
    );
    const said = (await files.log('b-1')).map(({ event }) => event);
    expect(said).toEqual(expect.arrayContaining(['working', 'stopped']));
  });

  it('ends with the same bits when a host dies halfway', async () => {
    await using run = bench.launch(['--no-sync', '-H', 'a:0,b:1,c:1']);
    await run.works('b-0');
    await run.reached(HALFWAY);
    // its sshd first: it is not to come back
    await bench.ssh.stop('b');
    for (const pid of bench.network.pids('b')) signalTo(pid, 'SIGKILL');
    await run.shown(/host b is lost/);
    expect(outcomeOf(await run.summary())).toEqual(undisturbed);
    await bench.ssh.start('b');
  });

  it('ends with the same bits when a line is cut, and is mended', async () => {
    // nobody else computes: the run cannot end before the line is mended
    await using run = bench.launch(['--no-sync', '-H', 'a:0,b:2,c:0']);
    await run.works('b-0');
    await run.reached(STEPS_PER_EPOCH);
    bench.network.setCut('b', true);
    try {
      // neither end is told: both find out by silence
      await run.shown(/host b is lost: nothing heard for \d+ ms/);
      await bench.expectNothingLeft(['b']);
    } finally {
      bench.network.setCut('b', false);
    }
    expect(outcomeOf(await run.summary())).toEqual(undisturbed);
  });

  it('stops by Ctrl-C, leaves nothing, and goes on to the same bits', async () => {
    await using run = bench.launch(THREE);
    await run.works('c-0');
    await run.reached(STEPS_PER_EPOCH);
    signalTo(run.command.pid, 'SIGINT');
    const stopped = await run.summary(130);
    expect(stopped.outcome).toBe('drained');
    expect(stopped.steps).toBeLessThan(TOTAL_STEPS);
    await bench.expectNothingLeft();

    await using rest = bench.launch(THREE, ['--resume', stopped.runId]);
    expect(outcomeOf(await rest.summary())).toEqual(undisturbed);
  });

  it('tells Prometheus of every process, until the end', async () => {
    const path = join(bench.bench.path, 'targets.json');
    const flags = [...THREE, '--prometheus-targets', path];
    const everywhere = ['--metrics-listen', '0.0.0.0:0'];
    const endless = [...bench.training(100_000), ...everywhere];
    await using run = bench.launch(flags, endless);
    /** Who is where, as `worker host`. */
    const told = async () => {
      const groups = JSON.parse(await readFile(path, 'utf8')) as {
        readonly targets: readonly string[];
        readonly labels: Readonly<Record<string, string>>;
      }[];
      return groups.map(({ targets, labels }) => {
        const who = labels['worker'] ?? `server ${labels['server']}`;
        return `${who} ${targets.join().replace(/:\d+$/, '')}`;
      });
    };
    await run.works('c-0');
    await run.command.waitFor('all of them to be told', async () => {
      return (await told()).length === 1 + 4;
    });
    const [a, b, c] = HOSTS.map((host) => bench.network.address(host));
    expect((await told()).sort()).toEqual(
      [`server 0 ${a}`, `a-0 ${a}`, `b-0 ${b}`, `b-1 ${b}`, `c-0 ${c}`].sort(),
    );
    const [server] = JSON.parse(await readFile(path, 'utf8')) as [
      { readonly targets: readonly [string] },
    ];
    const metrics = read(`http://${server.targets[0]}/metrics`);
    expect(metrics).toMatch(/^muster_workers_expected 4$/m);
    signalTo(run.command.pid, 'SIGINT');
    await run.summary(130);
    expect(await told()).toEqual([]);
  });

  it('says how its live page is seen from the machine of the launcher', async () => {
    const flags = ['--no-sync', '-H', 'a:0,b:1'];
    await using run = bench.launch(flags, bench.training(100_000));
    const [, url = '', command = ''] = await run.shown(
      /^\[a\/server\] dashboard at (\S+) of a alone; .*: (ssh .*)$/m,
    );
    expect(() => read(url)).toThrow('ECONNREFUSED');
    const [program = '', ...words] = bench.network.on(LAUNCHER);
    const all = [...words, 'sh', '-c', `exec ${command}`];
    const forward = spawn(program, all, { stdio: 'ignore' });
    try {
      await run.command.waitFor('the page', () => {
        try {
          return read(url).includes('<title>');
        } catch {
          return false;
        }
      });
    } finally {
      forward.kill();
      await once(forward, 'exit');
    }
    signalTo(run.command.pid, 'SIGINT');
    await run.summary(130);
  });

  it('leaves nothing when the launcher dies, and goes on to the same bits', async () => {
    let runId = '';
    {
      await using run = bench.launch(THREE);
      await run.works('c-0');
      await run.reached(STEPS_PER_EPOCH);
      runId = (await run.files()).path;
      signalTo(run.command.pid, 'SIGKILL');
      await run.command.ended;
      await bench.expectNothingLeft();
    }
    await using rest = bench.launch(THREE, ['--resume', runId]);
    const stderr = () => rest.command.stderr;
    expect(outcomeOf(await rest.summary())).toEqual(undisturbed);
    expect(stderr()).toMatch(/going on from step \d+/);
  });

  it('takes in a host that comes later', async () => {
    await bench.ssh.stop('c');
    // nobody else computes: the run cannot end before it is there
    const flags = ['--no-sync', '-H', 'a:0,b:0,c:1', '--nnodes', '2:3'];
    await using run = bench.launch(flags);
    await run.shown(/^\[a\/server\] listens at/m);
    await run.shown(/^c .*not reached: .*Connection refused/m);
    await bench.ssh.start('c');
    await run.works('c-0');
    expect(outcomeOf(await run.summary())).toEqual(undisturbed);
  });

  it('ends with the same bits over mutual TLS', async () => {
    const entry = (host: 'a' | 'b' | 'c', slots: number) => ({
      ...{ host, slots, address: bench.network.address(host) },
    });
    const hosts = await bench.bench.write(
      'hosts.yaml',
      JSON.stringify({ hosts: [entry('a', 0), entry('b', 1), entry('c', 1)] }),
    );
    const certs = join(bench.bench.path, 'certs');
    const made = await muster(['certs', '--hosts', hosts, '--out', certs]);
    expect(made.code, made.stderr).toBe(0);
    const flags = ['--no-sync', '--hosts', hosts, '--certs', certs];
    await using run = bench.launch(flags);
    await run.works('b-0');
    await run.shown(/^\[a\/server\] listens at wss:/m);
    expect(outcomeOf(await run.summary())).toEqual(undisturbed);
  });

  it('ends with the same bits over a slow line', async () => {
    bench.network.limit('c', 20);
    try {
      await using run = bench.launch(['--no-sync', '-H', 'a:0,b:1,c:1']);
      await run.works('c-0');
      expect(outcomeOf(await run.summary())).toEqual(undisturbed);
    } finally {
      bench.network.unlimit('c');
    }
  });
});

/** The token of the run that goes on now, which its hosts have in a file. */
async function tokenOf(bench: LaunchBench): Promise<string> {
  for (const host of HOSTS) {
    for (const line of await bench.ssh.processes(host)) {
      const [, file] = /--token-file (\S+)/.exec(line) ?? [];
      if (file !== undefined) return (await readFile(file, 'utf8')).trim();
    }
  }
  throw new Error('no process has a token file');
}
