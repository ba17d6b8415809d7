/**
 * `deploy/swarm/stack.yaml` on a real Swarm, of one node: it trains, and is
 * scaled while it does, with the bits of this machine.
 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Workbench } from '../cluster/workbench.js';
import { describeWithDocker, docker } from './docker.js';
import type { Line } from './follow-logs.js';
import { buildImages } from './images.js';
import type { Images } from './images.js';
import { SwarmStack, sweepSwarm } from './swarm-stack.js';

/**
 * Long enough to scale up and down within it, with workers of a quarter of a
 * core: 15 steps an epoch, some 10 ms each.
 */
const PLAN = { epochs: 120, seed: 7, 'global-batch': 40 };
const WORKER_CPUS = 0.25;

describeWithDocker('deploy/swarm/stack.yaml', () => {
  let images: Images;
  let bench: Workbench;

  beforeAll(async () => {
    await sweepSwarm();
    images = await buildImages();
    bench = await Workbench.create();
  }, 600_000);
  afterAll(async () => {
    await sweepSwarm();
    await bench?.[Symbol.asyncDispose]();
  });

  it('trains, scaled from 2 to 4 workers and back, to the same bits', async () => {
    const plan = Object.entries(PLAN);
    await using training = bench.start([
      ...['train', '--data', bench.data, '--workers', '1', '--json'],
      ...plan.flatMap(([name, value]) => [`--${name}`, String(value)]),
    ]);
    const { parametersSha256, steps } = await training.summary();
    await using stack = await SwarmStack.deploy({
      ...{ bench, images, workerCpus: WORKER_CPUS },
      plan: plan.map(([name, value]) => `${name}: ${value}\n`).join(''),
    });
    await stack.until('2 workers', (lines) => joined(lines).size === 2);
    await stack.scale(4);
    await stack.until('4 workers', (lines) => joined(lines).size === 4);
    await stack.scale(2);
    await stack.until('2 that left', (lines) => left(lines).size === 2);
    const server = await stack.container('server');
    expect(await docker('wait', server)).toBe('0');
    const lines = await stack.heard();
    // the rank of a task is the worker's name
    expect([...joined(lines)].sort()).toEqual(
      [1, 2, 3, 4].map((slot) => `worker-${slot}`),
    );
    // two left while it was going on
    const lastEpoch = lines.findLastIndex((one) => one['event'] === 'epoch');
    const before = lines.slice(0, lastEpoch).filter(isLeave);
    expect(before).toHaveLength(2);
    // 600 examples in steps of 40, 120 times
    expect(steps).toBe(1800);
    expect(await stack.sha256(images.muster, bench.data)).toBe(
      parametersSha256,
    );
  });
});

/** Names of the workers that have joined. */
function joined(lines: readonly Line[]): Set<unknown> {
  return namesOf(lines.filter((one) => one['event'] === 'worker-joined'));
}

/** Names of those that went, orderly. */
function left(lines: readonly Line[]): Set<unknown> {
  return namesOf(lines.filter(isLeave));
}

function isLeave(line: Line): boolean {
  return line['event'] === 'worker-away' && line['reason'] === 'left';
}

function namesOf(lines: readonly Line[]): Set<unknown> {
  return new Set(lines.map((line) => line['workerId']));
}
