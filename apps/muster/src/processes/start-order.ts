/**
 * Who can be started now.
 *
 * ```
 * server-0 listens -> standby-0, if there is one
 *                  -> server-1, ... and the workers, once the coordinator can
 *                     be found wherever it will be: standby-0 listens too
 * server-k listens -> standby-k
 * ```
 */
import type { ServerRoles } from './server-roles.js';

/** What decides. */
export interface StartState {
  readonly roles: ServerRoles;
  readonly workers: readonly string[];
  /** Who has been started before is somebody else's business. */
  readonly wasStarted: (name: string) => boolean;
  /**
   * Whether the run is to stop. Then only other servers are started: the last
   * checkpoint needs the slices of all of them.
   */
  readonly isDraining: boolean;
}

/** Gives the names of those to start, in this order. */
export function nextToStart(state: StartState): string[] {
  const { roles, workers, wasStarted, isDraining } = state;
  const isReady = isCoordinatorKnown(state);
  const servers = roles.seats.filter(({ shard, role }) => {
    if (role === 'primary') return shard === 0 || isReady;
    const primary = roles.seats.find(
      (seat) => seat.shard === shard && seat.role === 'primary',
    );
    return !isDraining && primary && roles.isListening(primary.name);
  });
  return [
    ...servers.map(({ name }) => name),
    ...(isReady && !isDraining ? workers : []),
  ].filter((name) => !wasStarted(name));
}

/** Whether all who may coordinate can be reached. */
export function isCoordinatorKnown({
  roles,
  isDraining,
}: Pick<StartState, 'roles' | 'isDraining'>): boolean {
  return roles.seats
    .filter(({ shard }) => shard === 0)
    .filter(({ role }) => role === 'primary' || !isDraining)
    .every(({ name }) => roles.isListening(name));
}
