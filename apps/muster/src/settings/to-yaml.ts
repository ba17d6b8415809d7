/**
 * Settings as a YAML file that `--config` reads: a run's `config.yaml`.
 */
import { stringify } from 'yaml';
import { fileKeyOf } from './names.js';
import { isUsed } from './read-settings.js';
import type { Settings } from './read-settings.js';
import { SETTING_ENTRIES } from './table.js';
import { textOf } from './value-kinds.js';

/**
 * Gives the settings as they were used: those that the command takes, that
 * are set and have an effect. Left out is what is about one call (`--resume`,
 * `--json`, `--config`). No secret can be in it: no setting holds one.
 *
 * Law: read with `--config` by the same command, the text gives the same
 * settings.
 */
export function toYaml(settings: Settings): string {
  const record: Record<string, unknown> = {};
  for (const [name, setting] of SETTING_ENTRIES) {
    const value = settings[name];
    if (value === undefined || setting.isUnrecorded === true) continue;
    if (!setting.commands.includes(settings.command)) continue;
    if (!isUsed(name, settings)) continue;
    record[fileKeyOf(name)] = typeof value === 'number' ? value : textOf(value);
  }
  return stringify(record, { lineWidth: 0 });
}
