/**
 * Nothing stays on the engine: not of a test that fails, not of a run of the
 * tests that was killed; and nothing of anybody else's is taken away.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, expect, inject, it } from 'vitest';
import { engine } from './engine.js';
import { startContainer } from './owned-container.js';
import { isAlive, OWNER_LABEL, ownerOf } from './owner.js';
import { findOwned, sweep } from './sweep.js';
import { describeWithDocker } from './docker.js';
import { useTheatre } from './theatre.js';

const NOTHING = { containers: [], networks: [], volumes: [] };
const own = inject('owner');

/** A network, a volume, and a container that uses both and runs. */
async function litter(
  image: string,
  owner: string,
  name: string,
): Promise<void> {
  const api = await engine();
  const labels = { [OWNER_LABEL]: owner };
  await api.createNetwork({ Name: name, Labels: labels });
  await api.createVolume({ Name: name, Labels: labels });
  await startContainer({
    ...{ owner, image },
    attachment: { network: name, aliases: ['litter'] },
    volumes: { '/runs': name },
    command: ['sleep', '600'],
  });
}

/** A process that was and is no more. */
async function deadOwner(): Promise<string> {
  const child = spawn('sleep', ['60']);
  const owner = ownerOf(child.pid!);
  expect(isAlive(owner)).toBe(true);
  child.kill('SIGKILL');
  await once(child, 'close');
  return owner;
}

describeWithDocker('what tests make on the engine', () => {
  const theatre = useTheatre();
  afterEach(async () => {
    await sweep(await engine(), (one) => one === own);
  });

  it('is gone when a test fails in the middle', async () => {
    const failing = async () => {
      await using stage = await theatre().stage();
      await stage.serve();
      await stage.work(1);
      expect(await findOwned(await engine(), (one) => one === own)).toEqual({
        containers: [expect.any(String), expect.any(String)],
        networks: [expect.any(String)],
        volumes: [stage.name],
      });
      throw new Error('the test fails');
    };
    await expect(failing()).rejects.toThrow('the test fails');
    const left = await findOwned(await engine(), (one) => one === own);
    expect(left).toEqual(NOTHING);
  });

  it('is swept by the next run when its own was killed', async () => {
    const api = await engine();
    const dead = await deadOwner();
    const image = theatre().images.server;
    await litter(image, dead, 'muster-test-dead');
    await litter(image, own, 'muster-test-living');
    const swept = await sweep(api, (owner) => !isAlive(owner));
    expect(swept.volumes).toContain('muster-test-dead');
    expect(await findOwned(api, (one) => one === dead)).toEqual(NOTHING);
    const living = await findOwned(api, (one) => one === own);
    expect(living).toEqual({
      containers: [expect.any(String)],
      networks: [expect.any(String)],
      volumes: ['muster-test-living'],
    });
  });
});
