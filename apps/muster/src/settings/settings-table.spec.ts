import { format } from 'prettier';
import { describe, expect, it } from 'vitest';
import { settingsTable } from './settings-table.js';
import { SETTING_ENTRIES } from './table.js';

describe('settingsTable', () => {
  const lines = settingsTable().split('\n');

  it('has a head, a rule and a line a setting', () => {
    expect(lines).toHaveLength(2 + SETTING_ENTRIES.length);
    expect(lines[0]).toMatch(
      /^\| Setting +\| Default +\| Values +\| Meaning +\| Commands +\|$/,
    );
  });

  it('gives the default of each command that has its own', () => {
    expect(lines.find((line) => line.includes('`--listen`'))).toContain(
      '| `127.0.0.1:0`, server: `127.0.0.1:7070` ',
    );
  });

  it('is formatted as the format check wants it', async () => {
    const table = `${settingsTable()}\n`;
    expect(await format(table, { parser: 'markdown' })).toBe(table);
  });
});
