/**
 * Whoever started this process, and what it settles: the address under which
 * others reach it.
 */
import type { LauncherOrder, ServerReport } from '@muster/protocol';
import type { Logger } from '@muster/telemetry';
import type { ServerConfig } from './config.js';

/** How the process was reached by its launcher, if it has one. */
export interface Launcher {
  /** Says something to it. */
  readonly tell: (report: ServerReport) => void;
  /** Resolves with the next thing that it says. */
  readonly heard: () => Promise<LauncherOrder>;
}

/** Where a server listens, and what it begins with. */
export type Listening = Omit<
  Extract<ServerReport, { type: 'listening' }>,
  'type'
>;

/** Tells where it listens; gives the address that others are told. */
export async function advertise(
  launcher: Launcher,
  config: ServerConfig,
  { url, metricsUrl, version }: Listening,
  log: Logger,
): Promise<string> {
  const { PS_SHARD: shard, PS_ROLE: role, PS_ADVERTISE: how } = config;
  const own = how === 'own' || how === 'ask' ? url : how;
  log.info('listening', { url, advertised: own, metricsUrl, shard, role });
  const order = how === 'ask' ? launcher.heard() : undefined;
  launcher.tell({ type: 'listening', url, metricsUrl, version });
  return (await order)?.url ?? own;
}
