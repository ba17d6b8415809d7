/** The route that gives a server's data out, by its settings. */
import type { RunDefinition } from '@muster/protocol';
import type { Logger } from '@muster/telemetry';
import type { ServerConfig } from '../config.js';
import { DataRoute } from './data-route.js';

/** Makes the route of a run; `onSent` hears of each piece in bytes. */
export function createDataRoute(
  config: ServerConfig,
  run: RunDefinition,
  log: Logger,
  onSent: (numBytes: number) => void,
): DataRoute {
  return new DataRoute({
    directory: config.PS_DATA,
    fingerprint: run.dataset.fingerprint,
    bytesPerSecond: config.PS_DATA_BYTES_PER_SECOND,
    onSent,
    onRefused: ({ code, message }) => {
      log.warn('data-refused', { code, message });
    },
  });
}
