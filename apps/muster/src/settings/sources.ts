/**
 * Where values come from: the command line and the environment here, a YAML
 * file in `config-file.ts`. Each source gives texts by setting and adds the
 * names that nobody knows to the problems.
 */
import { RESERVED_VARIABLES, nearestName, variableOf } from './names.js';
import type { SettingsProblem } from './problems.js';
import { SETTING_ENTRIES } from './table.js';
import type { SettingName } from './table.js';
import { textOf } from './value-kinds.js';

/** A value as it was written, and where. */
export interface Given {
  readonly text: string;
  /** Completes "from ...". */
  readonly from: string;
}

/** What one source gives. */
export type Source = ReadonlyMap<SettingName, Given>;

const NAMES = SETTING_ENTRIES.map(([name]) => name);
const NAME_OF_VARIABLE = new Map(NAMES.map((name) => [variableOf(name), name]));

/**
 * Reads what commander made of the command line: keys in camel case, texts,
 * and `true` for a switch. Keys of other options are passed over.
 */
export function fromFlags(flags: Readonly<Record<string, unknown>>): Source {
  const source = new Map<SettingName, Given>();
  for (const name of NAMES) {
    const value = flags[name];
    if (value === undefined) continue;
    source.set(name, { text: textOf(value), from: 'the command line' });
  }
  return source;
}

/** Reads the variables `MUSTER_...`; an empty one counts as not set. */
export function fromEnvironment(
  env: Readonly<Record<string, string | undefined>>,
  problems: SettingsProblem[],
): Source {
  const source = new Map<SettingName, Given>();
  const known = [...NAME_OF_VARIABLE.keys(), ...RESERVED_VARIABLES];
  for (const [variable, text] of Object.entries(env)) {
    if (!variable.startsWith('MUSTER_')) continue;
    const name = NAME_OF_VARIABLE.get(variable);
    if (name === undefined) {
      if (known.includes(variable)) continue;
      problems.push(unknownName(variable, known, 'the environment'));
    } else if (text !== undefined && text !== '') {
      source.set(name, { text, from: variable });
    }
  }
  return source;
}

/** The problem that an unknown name is, with what was probably meant. */
export function unknownName(
  name: string,
  known: readonly string[],
  from: string,
): SettingsProblem {
  const nearest = nearestName(name, known);
  const hint = nearest === undefined ? '' : ` (did you mean ${nearest}?)`;
  return { name, expected: `a known setting${hint}`, origin: `from ${from}` };
}
