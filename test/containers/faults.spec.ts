/**
 * What befalls containers, and that nothing of it shows in the result. Every
 * fault is set off by what the cluster says in its log, and every test waits
 * until the cluster has met it.
 */
import { expect, it } from 'vitest';
import type { ClusterStage } from './cluster-stage.js';
import type { LiveContainer } from './live-container.js';
import { FAULT_EPOCH, LEASES } from './plan.js';
import { describeWithDocker } from './docker.js';
import { useTheatre } from './theatre.js';

const KILLED = 137;

/** Waits until all of them work and the training is well on its way. */
async function underWay(
  server: LiveContainer,
  workers: readonly LiveContainer[],
): Promise<void> {
  for (const { name: workerId } of workers) {
    await server.event('worker-joined', { workerId });
  }
  await server.event('epoch', { epoch: FAULT_EPOCH });
}

/** Waits until a worker that was away is there again, in the same life. */
async function welcomed(
  server: LiveContainer,
  { name }: LiveContainer,
  sinceMs: number,
): Promise<void> {
  await server.logged(`the return of ${name}`, (line) => {
    const isLater = Date.parse(String(line['time'])) >= sinceMs;
    const isBack = line['event'] === 'worker-back' || line['returned'] === true;
    return isLater && line['workerId'] === name && isBack;
  });
}

describeWithDocker('a training in containers ends with the same bits', () => {
  const theatre = useTheatre();
  /** A cluster of two workers, well on its way. */
  async function cluster(env: Readonly<Record<string, string>> = {}) {
    const stage = await theatre().stage();
    try {
      const server = await stage.serve({ env });
      const [first, second] = await stage.work(2);
      await underWay(server, stage.workers);
      return { stage, server, first: first!, second: second! };
    } catch (error) {
      await stage[Symbol.asyncDispose]();
      throw error;
    }
  }

  async function sameBits(stage: ClusterStage): Promise<void> {
    expect(await stage.outcome()).toEqual(theatre().undisturbed);
  }

  it('when a worker is killed', async () => {
    const { stage: made, server, second } = await cluster();
    await using stage = made;
    const sinceMs = await second.kill();
    await server.event('worker-away', { workerId: second.name }, sinceMs);
    expect(await second.exit()).toMatchObject({ code: KILLED });
    await sameBits(stage);
  });

  it('when workers are paused past their lease, and go on', async () => {
    const { stage: made, server, first, second } = await cluster(LEASES.short);
    await using stage = made;
    // All of them: the run must not end before the lease does.
    const pausedMs = Date.now();
    await Promise.all([first.pause(), second.pause()]);
    for (const { name: workerId } of [first, second]) {
      const away = { workerId, reason: 'silent' };
      await server.event('worker-away', away, pausedMs);
    }
    const awakeMs = await first.unpause();
    await second.unpause();
    await welcomed(server, first, awakeMs);
    await welcomed(server, second, awakeMs);
    await sameBits(stage);
  });

  it('when a worker loses its network, and has it again', async () => {
    const { stage: made, server, first, second } = await cluster(LEASES.short);
    await using stage = made;
    const cutMs = Date.now();
    await second.detach();
    // the other one goes on alone, and must not be done before it is back
    await server.event('epoch', {}, Date.now());
    await first.pause();
    await server.event('worker-away', { workerId: second.name }, cutMs);
    const backMs = await second.attach();
    await welcomed(server, second, backMs);
    await first.unpause();
    await sameBits(stage);
  });

  it('when a worker needs more memory than it may have', async () => {
    await using stage = await theatre().stage();
    const server = await stage.serve();
    const limits = { memoryMiB: 320, sharedMemoryMiB: 512, restarts: true };
    const greedy = await stage.startWorker('worker-0', limits);
    await stage.work(1);
    await underWay(server, stage.workers);
    const sinceMs = Date.now();
    // Files in /dev/shm are memory of the container's that cannot go to a
    // disk: the kernel ends the largest process in it, which is the worker.
    await greedy.begin(['dd', 'if=/dev/zero', 'of=/dev/shm/filler', 'bs=1M']);
    await server.event('worker-away', { workerId: greedy.name }, sinceMs);
    expect(await greedy.outOfMemory(sinceMs)).toBe(true);
    await greedy.waitFor('its next life', async () => {
      return (await greedy.inspect()).RestartCount === 1;
    });
    await sameBits(stage);
  });

  it('when a worker has a twentieth of a core', async () => {
    const { stage: made, server, second } = await cluster();
    await using stage = made;
    await second.limitCpus(0.05);
    // an idle worker is given what the slow one has not finished
    await server.waitFor('a copy of a task', async () => {
      return (await server.metric('muster_backup_tasks_total')) > 0;
    });
    expect(await second.throttledPeriods()).toBeGreaterThan(0);
    await sameBits(stage);
  });

  it('when a worker joins halfway', async () => {
    await using stage = await theatre().stage();
    const server = await stage.serve();
    const [first] = await stage.work(1);
    await underWay(server, stage.workers);
    // it must not be done before the other one is in
    await first!.pause();
    const second = await stage.startWorker('worker-1');
    await server.event('worker-joined', { workerId: second.name });
    await first!.unpause();
    await second.waitFor('a gradient of its own', async () => {
      const gradients = 'muster_worker_tasks_total{kind="gradient"}';
      return (await second.metric(gradients)) > 0;
    });
    await sameBits(stage);
  });

  it('when the server is killed, and started again with its volume', async () => {
    const { stage: made, server } = await cluster();
    await using stage = made;
    const killedMs = await server.kill();
    expect(await server.exit()).toMatchObject({ code: KILLED });
    await server.start();
    const resumed = await server.event('training-resumed', {}, killedMs);
    expect(resumed['step']).toBeGreaterThan(0);
    for (const worker of stage.workers) {
      await server.event('worker-joined', { workerId: worker.name }, killedMs);
    }
    await sameBits(stage);
  });
});
