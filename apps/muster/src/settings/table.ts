/**
 * Every setting of Muster, once: its kind, default, meaning, and the commands
 * that take it. Flags, environment names, keys of the YAML file, help texts
 * and the table in the README are all made from this table. To add a setting,
 * add an entry to one of its parts.
 */
import { CLUSTER_SETTINGS } from './cluster-settings.js';
import { CONSISTENCY_SETTINGS } from './consistency-settings.js';
import { FILE_SETTINGS } from './file-settings.js';
import { LIMIT_SETTINGS } from './limit-settings.js';
import type { CommandName, Setting } from './setting.js';
import { TRAINING_SETTINGS } from './training-settings.js';

export { COMMANDS } from './setting.js';
export type { CommandName, Setting } from './setting.js';

/** The table. */
export const SETTINGS = {
  ...TRAINING_SETTINGS,
  ...CONSISTENCY_SETTINGS,
  ...CLUSTER_SETTINGS,
  ...LIMIT_SETTINGS,
  ...FILE_SETTINGS,
} as const satisfies Record<string, Setting>;

/** A setting's key in the table, in camel case. */
export type SettingName = keyof typeof SETTINGS;

/** The table as pairs, in its order. */
export const SETTING_ENTRIES = Object.entries(SETTINGS) as [
  SettingName,
  Setting,
][];

/** Gives a setting's default for a command, as text. */
export function fallbackOf(
  setting: Setting,
  command: CommandName,
): string | undefined {
  return setting.fallbackOf?.[command] ?? setting.fallback;
}
