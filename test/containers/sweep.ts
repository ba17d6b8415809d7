/**
 * Removes what tests have left on the engine, by its owner's label. Ryuk,
 * which testcontainers would start for that, is an image to be pulled.
 */
import { unlessGone } from './engine.js';
import type { Engine } from './engine.js';
import { OWNER_LABEL } from './owner.js';

/** What was removed: names or ids. */
export interface Swept {
  readonly containers: readonly string[];
  readonly networks: readonly string[];
  readonly volumes: readonly string[];
}

type Labels = Readonly<Record<string, string>> | null | undefined;

/** Finds what owners have made; containers in any state. */
export async function findOwned(
  engine: Engine,
  isTheirs: (owner: string) => boolean,
): Promise<Swept> {
  const ours = (labels: Labels) => {
    const owner = labels?.[OWNER_LABEL];
    return owner !== undefined && isTheirs(owner);
  };
  const filters = { label: [OWNER_LABEL] };
  const containers = await engine.listContainers({ all: true, filters });
  const networks = await engine.listNetworks({ filters });
  const { Volumes: volumes } = await engine.listVolumes({ filters });
  return {
    containers: containers.filter((c) => ours(c.Labels)).map((c) => c.Id),
    networks: networks.filter((n) => ours(n.Labels)).map((n) => n.Id),
    volumes: volumes.filter((v) => ours(v.Labels)).map((v) => v.Name),
  };
}

/** Removes it, running or not; gives what there was. */
export async function sweep(
  engine: Engine,
  isTheirs: (owner: string) => boolean,
): Promise<Swept> {
  const found = await findOwned(engine, isTheirs);
  const each = (
    ids: readonly string[],
    work: (id: string) => Promise<unknown>,
  ) => Promise.all(ids.map((id) => unlessGone(work(id))));
  // networks and volumes cannot go before the containers that use them
  await each(found.containers, (id) =>
    engine.getContainer(id).remove({ force: true, v: true }),
  );
  await each(found.networks, (id) => engine.getNetwork(id).remove());
  await each(found.volumes, (name) => engine.getVolume(name).remove());
  return found;
}
