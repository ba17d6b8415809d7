/**
 * Clusters of containers train what one worker on this machine trains: the
 * same bits, whatever the number of workers and servers.
 */
import { expect, it } from 'vitest';
import { EPOCHS, TOTAL_STEPS } from './plan.js';
import { describeWithDocker } from './docker.js';
import { useTheatre } from './theatre.js';

describeWithDocker('a training in containers', () => {
  const theatre = useTheatre();
  it('is held against a whole training, without containers', () => {
    expect(theatre().undisturbed).toMatchObject({
      ...{ steps: TOTAL_STEPS, epochs: EPOCHS },
      ...{ reproducible: true, backend: 'wasm' },
    });
    // Guessing gets 1 of 4 classes right.
    expect(theatre().undisturbed.testAccuracy).toBeGreaterThan(0.9);
  });

  it.each([1, 2, 3])('ends with the same bits with %i workers', async (n) => {
    await using stage = await theatre().stage();
    await stage.serve();
    const workers = await stage.work(n);
    expect(await stage.outcome()).toEqual(theatre().undisturbed);
    for (const worker of workers) {
      expect(await worker.exit()).toMatchObject({ code: 0 });
    }
  });

  it('ends with the same bits on 2 servers', async () => {
    await using stage = await theatre().stage({ servers: 2 });
    const coordinator = await stage.serve();
    await stage.work(2);
    expect(await stage.outcome()).toEqual(theatre().undisturbed);
    await coordinator.event('server-joined', { shard: 1 });
  });

  it('goes on, stopped with all containers, to the same bits', async () => {
    await using stage = await theatre().stage();
    const server = await stage.serve();
    const before = await stage.work(1);
    await server.event('epoch', { epoch: 2 });
    await server.stop();
    expect(await server.exit()).toMatchObject({ code: 0 });
    for (const worker of before) {
      expect(await worker.exit()).toMatchObject({ code: 0 });
    }
    await server.start();
    await stage.work(2);
    expect(await stage.outcome()).toEqual(theatre().undisturbed);
  });
});
