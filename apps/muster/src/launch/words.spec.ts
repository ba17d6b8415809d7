import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  commandLine,
  musterCommand,
  pathExpression,
  quote,
  shellCommand,
} from './words.js';

/** What a real shell makes of a text: the words that a command is given. */
function wordsRead(text: string, env: NodeJS.ProcessEnv = {}): string[] {
  const script = `set -- ${text}; for word; do printf '%s\\0' "$word"; done`;
  const { stdout } = spawnSync('sh', ['-c', script], {
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], ...env },
  });
  return stdout.split('\0').slice(0, -1);
}

/** What shells give a meaning to. */
const SPECIAL = Array.from('\'"\\ $`!*?~=#&|;<>(){}[]\n\tä-');
/** Any word but one with NUL; those that shells care about are likely. */
const word = fc.oneof(
  fc.string().filter((text) => !text.includes('\0')),
  fc.string({ unit: fc.constantFrom(...SPECIAL) }),
);

describe('quote', () => {
  it('leaves plain words as they are', () => {
    for (const plain of ['a', '--epochs', '1e-3', 'a=b', '/x/y_z.1', 'u@h:p']) {
      expect(quote(plain)).toBe(plain);
    }
  });

  it('quotes what some shell would read otherwise', () => {
    expect(quote('')).toBe("''");
    expect(quote('=ls')).toBe("'=ls'");
    expect(quote('~')).toBe("'~'");
    expect(quote("it's")).toBe(String.raw`'it'\''s'`);
  });

  it('is read back by a real shell, whatever the words are', () => {
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 5 }), (words) => {
        expect(wordsRead(commandLine(words))).toEqual(words);
      }),
      { numRuns: 150 },
    );
  });

  it('is read back after a second shell, as ssh has it', () => {
    fc.assert(
      fc.property(word, (one) => {
        const inner = `printf '%s\\0' ${quote(one)}`;
        const { stdout } = spawnSync('sh', ['-c', shellCommand(inner)], {
          encoding: 'utf8',
        });
        expect(stdout).toBe(`${one}\0`);
      }),
      { numRuns: 100 },
    );
  });
});

describe('pathExpression', () => {
  it('puts the home folder in for ~ at the start and nowhere else', () => {
    const HOME = "/home/it's me";
    fc.assert(
      fc.property(word, (rest) => {
        const read = (path: string) =>
          wordsRead(pathExpression(path), { HOME });
        expect(read(`~/${rest}`)).toEqual([`${HOME}/${rest}`]);
        expect(read(`/${rest}~`)).toEqual([`/${rest}~`]);
      }),
      { numRuns: 100 },
    );
    expect(wordsRead(pathExpression('~'), { HOME })).toEqual([HOME]);
  });
});

describe('musterCommand', () => {
  it('runs Node in the folder, with the words as they are', () => {
    const place = { folder: '/tmp', node: '/bin/echo' };
    const command = musterCommand(place, ["a  b'c", '$HOME']);
    const { stdout } = spawnSync('sh', ['-c', command], { encoding: 'utf8' });
    expect(stdout).toBe("apps/muster/dist/main.js a  b'c $HOME\n");
  });

  it('runs nothing where there is no such folder', () => {
    const place = { folder: '/nowhere/at all', node: '/bin/echo' };
    const command = musterCommand(place, ['agent']);
    const { stdout, status } = spawnSync('sh', ['-c', command], {
      encoding: 'utf8',
    });
    expect([stdout, status]).not.toContain(0);
    expect(stdout).toBe('');
  });
});
