/**
 * The table as options of a command. No defaults are given to commander: what
 * it hands back is what was typed, and the precedence stays ours.
 */
import { Option } from 'commander';
import type { Command } from 'commander';
import { flagOf } from './names.js';
import { SETTING_ENTRIES, fallbackOf } from './table.js';
import type { CommandName } from './table.js';

/** Adds the options of the settings that this command takes. */
export function addOptions(command: Command, name: CommandName): void {
  for (const [key, setting] of SETTING_ENTRIES) {
    if (!setting.commands.includes(name)) continue;
    const { placeholder, help, group } = setting;
    const argument = placeholder === undefined ? '' : ` <${placeholder}>`;
    const fallback = placeholder && fallbackOf(setting, name);
    const shown = fallback === undefined ? '' : ` (default: ${fallback})`;
    const description = help.replace(/\.$/, '') + shown;
    const option = new Option(flagOf(key) + argument, description);
    command.addOption(option.helpGroup(`${group}:`));
  }
}
