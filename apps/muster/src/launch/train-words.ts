/**
 * From the words after `--` to what is run on the hosts: settings are read
 * and checked here, before anything is started, and told by flags there.
 */
import { Command, CommanderError } from 'commander';
import { MusterError } from '@muster/protocol';
import { addOptions } from '../settings/add-options.js';
import { flagOf } from '../settings/names.js';
import type { Settings } from '../settings/read-settings.js';
import { SETTING_ENTRIES } from '../settings/table.js';
import type { Setting, SettingName } from '../settings/table.js';
import { textOf } from '../settings/value-kinds.js';

/** What `launch` itself decides, or tells in another way. */
const NOT_HANDED_ON: ReadonlySet<SettingName> = new Set<SettingName>([
  ...(['workers', 'listen', 'tokenFile', 'data', 'out'] as const),
  ...(['resume', 'config', 'json', 'report'] as const),
]);

/**
 * Reads the words after `--` as commander reads those of `muster train`.
 * @throws MusterError `ERR_CONFIG` when they are another command's.
 */
export function trainFlags(
  words: readonly string[],
): Readonly<Record<string, unknown>> {
  const [name = '', ...rest] = words;
  if (name !== 'train') {
    throw new MusterError(
      'ERR_CONFIG',
      `muster launch runs 'train': expected -- train ..., got '${words.join(' ')}'`,
    );
  }
  const command = new Command('muster launch ... -- train')
    .exitOverride()
    .configureOutput({ writeErr: () => undefined });
  addOptions(command, 'train');
  try {
    command.parse(rest, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError) || error.exitCode === 0) throw error;
    const message = error.message.replace(/^error: /, '');
    throw new MusterError('ERR_CONFIG', `after --: ${message}`);
  }
  return command.opts();
}

/**
 * Refuses what a launch cannot do.
 * @throws MusterError `ERR_CONFIG`.
 */
export function requireLaunchable(
  { given }: Settings,
  certs: string | undefined,
): void {
  if (certs !== undefined && given.some((name) => name.startsWith('tls'))) {
    throw new MusterError(
      'ERR_CONFIG',
      '--certs and --tls-cert, --tls-key, --tls-ca: expected one way to certificates',
    );
  }
  if (!given.includes('workers')) return;
  throw new MusterError(
    'ERR_CONFIG',
    'the number of workers is said by host: expected -H host1:2,host2:4, got --workers',
  );
}

/** The flags of `muster server` that give the same settings there. */
export function serverFlags(settings: Settings): string[] {
  return SETTING_ENTRIES.flatMap(([name, setting]) =>
    isHandedOn(name, setting, settings)
      ? flagWords(name, setting, settings)
      : [],
  );
}

function isHandedOn(
  name: SettingName,
  { commands }: Setting,
  { given }: Settings,
): boolean {
  return (
    given.includes(name) &&
    !NOT_HANDED_ON.has(name) &&
    commands.includes('server')
  );
}

function flagWords(
  name: SettingName,
  { placeholder }: Setting,
  settings: Settings,
): string[] {
  const value = settings[name];
  if (placeholder !== undefined) return [flagOf(name), textOf(value)];
  return value === true ? [flagOf(name)] : [];
}
