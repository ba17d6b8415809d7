/**
 * Settings from a YAML file, with the line of everything that is wrong in it.
 */
import { LineCounter, isAlias, isMap, isScalar, parseDocument } from 'yaml';
import type { Document, Pair } from 'yaml';
import { fileKeyOf, flagOf } from './names.js';
import type { SettingsProblem } from './problems.js';
import { unknownName } from './sources.js';
import type { Given, Source } from './sources.js';
import { SETTING_ENTRIES } from './table.js';
import type { SettingName } from './table.js';

/** A file names no other file: `config` is no key. */
const NAME_OF_KEY = new Map(
  SETTING_ENTRIES.filter(([name]) => name !== 'config').map(([name]) => [
    fileKeyOf(name),
    name,
  ]),
);

/**
 * Reads a YAML file: one map, its keys as the flags without the dashes, each
 * value one text. An empty value counts as not set. Relative paths in it mean
 * the same as on the command line.
 */
export function fromFile(
  path: string,
  readFile: (path: string) => string,
  problems: SettingsProblem[],
): Source {
  let text: string;
  try {
    text = readFile(path);
  } catch (error) {
    problems.push(unreadable(path, error));
    return new Map();
  }
  return new ConfigFile(path, text, problems).read();
}

function unreadable(path: string, error: unknown): SettingsProblem {
  const reason =
    error instanceof Error && 'code' in error
      ? String(error.code)
      : String(error);
  return {
    name: flagOf('config'),
    expected: 'a file that can be read',
    got: path,
    origin: reason,
  };
}

/** One file on its way to a {@link Source}. */
class ConfigFile {
  readonly #path: string;
  readonly #lines = new LineCounter();
  readonly #document: Document.Parsed;
  readonly #problems: SettingsProblem[];
  readonly #source = new Map<SettingName, Given>();

  constructor(path: string, text: string, problems: SettingsProblem[]) {
    this.#path = path;
    this.#problems = problems;
    // The failsafe schema leaves every value the text that it is.
    this.#document = parseDocument(text, {
      schema: 'failsafe',
      lineCounter: this.#lines,
      prettyErrors: false,
    });
  }

  read(): Source {
    const { contents, errors } = this.#document;
    for (const { message, pos } of errors) {
      const origin = `from ${this.#at(pos[0])}`;
      this.#problem(this.#path, { expected: `YAML: ${message}`, origin });
    }
    if (errors.length > 0 || contents === null) return this.#source;
    if (isMap(contents)) {
      for (const pair of contents.items) this.#readPair(pair);
    } else if (!isScalar(contents) || contents.value !== '') {
      const expected = 'settings, one `key: value` a line';
      this.#problem(this.#path, { expected });
    }
    return this.#source;
  }

  #readPair({ key, value }: Pair): void {
    const written = scalarText(key) ?? 'a list or a map';
    const offset = isScalar(key) ? key.range?.[0] : undefined;
    const from = this.#at(offset ?? 0);
    const name = NAME_OF_KEY.get(written);
    if (name === undefined) {
      const known = [...NAME_OF_KEY.keys()];
      this.#problems.push(unknownName(written, known, from));
      return;
    }
    const node = isAlias(value) ? value.resolve(this.#document) : value;
    const text = scalarText(node);
    if (text === undefined) {
      const got = isMap(node) ? 'a map' : 'a list';
      const origin = `from ${from}`;
      this.#problem(flagOf(name), { expected: 'one value', got, origin });
    } else if (text !== '') {
      this.#source.set(name, { text, from });
    }
  }

  #problem(name: string, problem: Omit<SettingsProblem, 'name'>): void {
    this.#problems.push({ name, ...problem });
  }

  #at(offset: number): string {
    return `${this.#path} line ${this.#lines.linePos(offset).line}`;
  }
}

/** The text of a scalar, empty where there is none; nothing for other nodes. */
function scalarText(node: unknown): string | undefined {
  if (node === null || node === undefined) return '';
  if (!isScalar(node)) return undefined;
  return typeof node.value === 'string' ? node.value : '';
}
