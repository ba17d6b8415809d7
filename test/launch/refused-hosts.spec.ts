/**
 * Hosts that cannot take part: told at once, each with its reason, before
 * anything is started anywhere.
 */
import { spawnSync } from 'node:child_process';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { failOnLeftovers } from '../cluster/muster-process.js';
import { outcomeOf } from '../cluster/run-files.js';
import { HOSTS, LaunchBench, namesIn } from './launch-bench.js';
import { missingNamespaces } from './missing.js';

failOnLeftovers();

const missing = missingNamespaces();

describe('a launch', () => {
  let bench: LaunchBench;
  let full: string;

  beforeAll(async () => {
    if (missing !== undefined) return;
    bench = await LaunchBench.create();
    full = join(bench.bench.path, 'full');
    await mkdir(full);
    const words = ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', full];
    expect(spawnSync('mount', words).status).toBe(0);
    // a login sees what was mounted before its sshd was started
    await bench.ssh.stop('c');
    await bench.ssh.start('c');
  }, 60_000);
  afterAll(async () => {
    if (missing !== undefined) return;
    spawnSync('umount', [full]);
    await bench[Symbol.asyncDispose]();
  });
  beforeEach((test) => test.skip(missing !== undefined, missing));

  it('tells of every host what is wrong with it', async () => {
    const oldNode = join(bench.bench.path, 'old-node');
    await writeFile(oldNode, '#!/bin/sh\necho v18.20.4\n');
    await chmod(oldNode, 0o755);
    const hosts = await bench.bench.write(
      'hosts.yaml',
      JSON.stringify({
        hosts: [
          { host: 'a', node: '/nowhere/node' },
          { host: 'b', node: oldNode },
          { host: 'c', folder: full },
          { host: 'a-stranger' },
          { host: '10.77.0.99' },
        ],
      }),
    );
    const launched = bench.launch(['--hosts', hosts]);
    await using run = launched;
    const said = await run.failure();
    expect(said).toContain('0 of 5 hosts that are needed');
    expect(said).toMatch(/^  a: Node was not found \(.*\/nowhere\/node/m);
    expect(said).toMatch(/^  b: this is Node 18.20.4, expected 20/m);
    expect(said).toMatch(/^  c: 1 MB free in \S+, expected [\d,]+ MB or more/m);
    expect(said).toMatch(
      /^  a-stranger: ssh was refused: .*Permission denied/m,
    );
    expect(said).toMatch(/^  10.77.0.99: .*(No route to host|no answer)/m);
    expect(await namesIn(bench.bench.out)).toEqual([]);
  });

  it('tells what is wrong with the settings before any host hears of it', async () => {
    await using run = bench.launch(['-H', 'a,b'], ['--epochs', '0']);
    const said = await run.failure();
    expect(said).toContain('--epochs: expected');
    expect(said).not.toContain('platform');
  });

  it('copies what is needed, runs it, and brings the run back', async () => {
    const folder = join(bench.bench.path, 'hosts/muster');
    const flags = ['-H', 'a', '--folder', folder];
    const few = ['--epochs', '1', '--global-batch', '40'];
    const training = [...few, '--micro-batches', '4'];
    await using run = bench.launch(flags, training);
    const summary = await run.summary();
    await using local = bench.bench.train({ workers: 1, epochs: 1 });
    expect(outcomeOf(summary)).toEqual(outcomeOf(await local.summary()));
    const here = await namesIn(join(bench.bench.out, summary.runId));
    expect(here).toEqual(
      expect.arrayContaining(['checkpoints', 'logs', 'model', 'run.json']),
    );
    expect(here).not.toContain('token');
    expect(await namesIn(join(folder, 'runs'))).toEqual([summary.runId]);
    expect(await namesIn(join(folder, 'node_modules', 'vitest'))).toEqual([]);

    // again: nothing is new, and what is there beside stays
    await using again = bench.launch(flags, training);
    await again.summary();
    expect(await namesIn(join(folder, 'runs'))).toHaveLength(2);
  });

  it('leaves nothing when it is stopped before it has begun', async () => {
    await using run = bench.launch(['--no-sync', '-H', HOSTS.join(',')]);
    await run.shown(/^host +workers/m);
    process.kill(run.command.pid, 'SIGTERM');
    expect((await run.command.exit()).code).toBe(143);
    await bench.expectNothingLeft();
  });
});
