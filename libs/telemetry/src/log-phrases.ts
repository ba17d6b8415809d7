/**
 * Log events in words. A phrase names fields in braces, with the form in which
 * they are shown; of several the first whose fields a line all holds is taken.
 * What no phrase names is shown behind it, as `name=value`.
 */

/** How a field is shown: `{seconds:seconds}`. */
export type FieldForm = 'plain' | 'percent' | 'loss' | 'seconds';

/** By event. One that is missing is shown by its name. */
export const LOG_PHRASES: Readonly<Record<string, readonly string[]>> = {
  // every process
  'process-started': ['started on {host}'],
  failed: ['could not start: {message} ({code})'],
  notice: ['{message}'],
  retry: ['looks for a server: {message}', 'looks for {url}: {reason}'],
  disconnected: ['was disconnected: {reason}', 'disconnected'],
  'task-failed': ['task failed: {message} ({code})'],
  // servers
  listening: [
    'listens at {advertised}, metrics at {metricsUrl}/metrics',
    'listens at {advertised}',
  ],
  'server-joined': ['server {shard} is there: {message}'],
  'standby-joined': ['the standby of server {shard} is there: {message}'],
  'server-lost': ['server {shard} is away: {message}'],
  promoting: ['tells the standby of server {shard} to take over'],
  'took-over': ['took over as server {shard}'],
  following: ['follows its primary'],
  'training-resumed': ['training goes on from step {step}'],
  'worker-joined': ['{workerId} joined'],
  'worker-away': [
    '{workerId} is away ({reason}): {message}',
    '{workerId} is away ({reason})',
  ],
  'worker-back': ['{workerId} is back'],
  'worker-refused': ['refused {workerId}: {message} ({code})'],
  'backup-given': ['gave {workerId} a copy of slow work'],
  'not-reproducible': [
    '{workerId} computes with other numerics: the bits cannot be had again',
  ],
  push: ['push of {workerId} was {outcome}'],
  epoch: [
    'epoch {epoch} done: train loss {trainLoss:loss} accuracy {trainAccuracy:percent}, test loss {testLoss:loss} accuracy {testAccuracy:percent}',
  ],
  checkpoint: ['checkpoint of step {step} ({reason})'],
  'checkpoint-failed': ['no checkpoint of step {step}: {message}'],
  'checkpoint-skipped': [
    'no checkpoint of step {step}: a newer one took its place',
  ],
  'connection-refused': ['refused {remote}: {message} ({code})'],
  'connection-ended': ['connection to {remote} ended: {message} ({code})'],
  'connection-closed': ['closed a connection: {message} ({code})'],
  'data-refused': ['gave no data: {message} ({code})'],
  ended: ['ended, {outcome}: {message} ({code})', 'ended, {outcome}'],
  // workers
  metrics: ['serves metrics at {url}/metrics'],
  backend: ['computes with {backend} {libraryVersion}: {reason}'],
  connected: ['connected to {url}'],
  working: ['working'],
  stopped: ['stopped, {outcome}: {message} ({code})', 'stopped, {outcome}'],
  'data-download': ['gets the data from the server'],
  'data-downloaded': ['has {bytes} bytes of data, in {seconds:seconds}'],
  'data-retry': ['got no data: {message}'],
  'data-notice': ['{message}'],
  'token-file': ['{message}'],
  // the launcher
  'run-started': ['run begins: {numWorkers} workers, {numServers} servers'],
  'process-launched': ['started {process}, process {pid}'],
  'process-exited': [
    '{process} ended by {signal}: {lastLine}',
    '{process} ended by {signal}',
    '{process} ended with exit code {exitCode}: {lastLine}',
    '{process} ended with exit code {exitCode}',
    '{process} could not be started',
  ],
  'process-said': ['{process}: {message}'],
  'host-note': ['{message}'],
  'run-stopping': ['stops the run: {how}'],
  'run-ended': ['run ended, {outcome}'],
  'run-failed': ['run failed: {message} ({code})'],
};

/** Fields that say in words nothing that the line does not show otherwise. */
export const SILENT_FIELDS: ReadonlySet<string> = new Set([
  ...['level', 'time', 'name', 'event', 'runId', 'server', 'incarnation'],
  // of the machine, for reports
  ...['host', 'processor', 'cores', 'memoryBytes', 'system', 'node'],
  ...['url', 'path', 'folder', 'link', 'trainMs', 'libraryVersion', 'stack'],
  ...['returned', 'testCorrect', 'testCount', 'skipped', 'livedMs'],
  ...['numStandbys', 'term', 'role'],
]);
