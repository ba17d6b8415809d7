/**
 * The container engine's API, as testcontainers found it, for what
 * testcontainers has no words for: kill, pause, detach, limits, sweeping.
 */
import { getContainerRuntimeClient } from 'testcontainers';
import type { ContainerRuntimeClient } from 'testcontainers';

/** dockerode's client. */
export type Engine = ContainerRuntimeClient['container']['dockerode'];
/** What `docker inspect` says of a container. */
export type Inspection = Awaited<
  ReturnType<ReturnType<Engine['getContainer']>['inspect']>
>;

/** The engine of this machine. */
export async function engine(): Promise<Engine> {
  return (await getContainerRuntimeClient()).container.dockerode;
}

/** Does what may have been done already: what is gone is gone. */
export async function unlessGone(work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!isGone(error)) throw error;
  }
}

/** 404: there is none; 409: somebody removes it at this moment. */
function isGone(error: unknown): boolean {
  const { statusCode } = error as { statusCode?: number };
  return statusCode === 404 || statusCode === 409;
}
