/**
 * What a command does about secrets before it starts anything: makes the
 * token files that are not there, and says aloud what is open to everybody.
 */
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { MusterError } from '@muster/protocol';
import { createTokenFile } from '@muster/transport';
import { isLoopback } from '../settings/relations.js';
import type { Settings } from '../settings/read-settings.js';
import { textOf } from '../settings/value-kinds.js';

/**
 * Makes the token files that the settings name and that are not there.
 * @param say is told of each that was made; a token itself is never said.
 * @throws MusterError `ERR_CONFIG`.
 */
export async function makeTokenFiles(
  {
    command,
    tokenFile,
    metrics,
    metricsTokenFile,
    dashboardPort,
  }: Pick<
    Settings,
    'command' | 'tokenFile' | 'metrics' | 'metricsTokenFile' | 'dashboardPort'
  >,
  say: (text: string) => void,
): Promise<void> {
  // a worker is given the token of its server
  const own = command === 'worker' ? undefined : tokenFile;
  const isServed = metrics || dashboardPort !== 'off';
  const ofMetrics = isServed ? metricsTokenFile : undefined;
  for (const [path, setting] of [
    [own, '--token-file'],
    [ofMetrics, '--metrics-token-file'],
  ] as const) {
    if (path === undefined) continue;
    if (!(await createTokenFile(path, setting))) continue;
    say(`made a token in ${path} (${setting})`);
  }
}

/**
 * The token of a launch, which its hosts are told: the one that was given, or
 * 256 random bits for this run.
 * @throws MusterError `ERR_CONFIG` for a file that cannot be read.
 */
export async function launchToken(path: string | undefined): Promise<string> {
  if (path === undefined) return randomBytes(32).toString('base64url');
  try {
    return (await readFile(path, 'utf8')).trim();
  } catch (cause) {
    const message = `the token file ${path} cannot be read (--token-file)`;
    throw new MusterError('ERR_CONFIG', message, { cause });
  }
}

/** What others can do, as far as the settings allow more than they must. */
export function exposures(settings: Settings): string[] {
  const { command, listen, tokenFile, insecure } = settings;
  const { metrics, metricsListen, metricsTokenFile } = settings;
  const isOpen =
    command !== 'worker' &&
    insecure &&
    tokenFile === undefined &&
    !isLoopback(listen.host);
  const isRead =
    metrics &&
    metricsTokenFile === undefined &&
    !isLoopback(metricsListen.host);
  return [
    ...(isOpen
      ? [
          `anybody who reaches ${textOf(listen)} can join this run and change its result (--insecure)`,
        ]
      : []),
    ...(isRead
      ? [
          `anybody who reaches ${textOf(metricsListen)} can read the metrics (--metrics-token-file)`,
        ]
      : []),
  ];
}
