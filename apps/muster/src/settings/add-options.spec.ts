import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { addOptions } from './add-options.js';
import { readSettings } from './read-settings.js';
import { COMMANDS, SETTING_ENTRIES } from './table.js';
import type { CommandName } from './table.js';

function commandFor(name: CommandName): Command {
  const command = new Command(name).exitOverride();
  command.configureOutput({ writeErr: () => undefined });
  addOptions(command, name);
  return command;
}

function parse(name: CommandName, ...words: string[]) {
  const flags = commandFor(name).parse(words, { from: 'user' }).opts();
  const readFile = () => '';
  return readSettings({ command: name, flags, env: {}, readFile, cores: 2 });
}

describe('addOptions', () => {
  it('makes flags that readSettings reads', () => {
    expect(
      parse('train', '--global-batch', '512', '--json', '--metrics', 'off'),
    ).toMatchObject({ globalBatch: 512, json: true, metrics: false });
  });

  it('leaves the defaults to readSettings', () => {
    expect(commandFor('train').parse([], { from: 'user' }).opts()).toEqual({});
  });

  it.each(COMMANDS)('gives %s its settings, and no other', (name) => {
    const keys = commandFor(name).options.map((of) => of.attributeName());
    const taken = SETTING_ENTRIES.filter(([, { commands }]) =>
      commands.includes(name),
    );
    expect(keys).toEqual(taken.map(([key]) => key));
  });

  it('refuses what the command does not take', () => {
    expect(() => parse('worker', '--epochs', '3')).toThrow(/unknown option/);
  });

  it('says default, unit and meaning in the help, in groups', () => {
    const help = commandFor('server').helpInformation();
    expect(help).toMatch(/^Training:$/m);
    expect(help.replace(/\s+/g, ' ')).toContain(
      '--listen <HOST:PORT> Where the parameter server listens for workers; further servers take free ports of this host (default: 127.0.0.1:7070)',
    );
    expect(help.replace(/\s+/g, ' ')).toContain(
      '--insecure Lets workers in without a token, from other machines ',
    );
  });
});
