/**
 * The settings of one call of the command: flags win over the environment,
 * that over the YAML file, that over the defaults.
 */
import { availableParallelism } from 'node:os';
import type { z } from 'zod';
import { fromFile } from './config-file.js';
import { flagOf } from './names.js';
import { settingsError } from './problems.js';
import type { SettingsProblem } from './problems.js';
import { RELATIONS, relationProblem } from './relations.js';
import { fromEnvironment, fromFlags } from './sources.js';
import type { Given, Source } from './sources.js';
import { SETTINGS, SETTING_ENTRIES, fallbackOf } from './table.js';
import type { CommandName, SettingName } from './table.js';
import { textOf } from './value-kinds.js';

type Table = typeof SETTINGS;
type Value<Name extends SettingName> =
  | z.infer<Table[Name]['kind']['schema']>
  | (Table[Name] extends { readonly fallback: string } ? never : undefined);

/**
 * Every setting by its key, frozen. Those that the command does not take have
 * their defaults. `workers` is a number: `auto` is resolved.
 */
export type Settings = Readonly<
  { [Name in Exclude<SettingName, 'workers'>]: Value<Name> } & {
    workers: number;
    /** The command they are for. */
    command: CommandName;
    /** Those that a flag, the environment or the file gave, valid or not. */
    given: readonly SettingName[];
  }
>;

/** Where settings are read from. */
export interface SettingsInput {
  readonly command: CommandName;
  /** What commander gives as `opts()`. */
  readonly flags: Readonly<Record<string, unknown>>;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Gives a file's text, or throws. */
  readonly readFile: (path: string) => string;
  /**
   * A YAML file that wins over the defaults only: the `config.yaml` of a run
   * that goes on.
   */
  readonly base?: string;
  /** Cores that `--workers auto` may use. Default: those of this machine. */
  readonly cores?: number;
  /** Told of each setting that was given but has no effect. */
  readonly warn?: (message: string) => void;
}

/**
 * Reads and checks all settings.
 *
 * @throws MusterError `ERR_CONFIG` that lists every problem: an unknown name,
 *   a value that is not allowed, two settings that contradict each other.
 */
export function readSettings(input: SettingsInput): Settings {
  const problems: SettingsProblem[] = [];
  const explicit = merge(input, problems);
  const given = new Map([...baseOf(input, problems), ...explicit]);
  const values: Record<string, unknown> = {
    command: input.command,
    given: Object.freeze([...explicit.keys()]),
  };
  const invalid = new Set<SettingName>();
  for (const [name, { kind }] of SETTING_ENTRIES) {
    const text = given.get(name)?.text ?? fallbackText(name, input.command);
    const result = text === undefined ? undefined : kind.schema.safeParse(text);
    if (result?.success === false) {
      invalid.add(name);
      const expected = kind.values;
      const origin = `from ${given.get(name)?.from ?? 'the defaults'}`;
      problems.push({ name: flagOf(name), expected, got: text, origin });
    }
    values[name] = Object.freeze(result?.data);
  }
  const { cores = availableParallelism() } = input;
  values['workers'] = resolveWorkers(values, cores);
  const settings = Object.freeze(values) as unknown as Settings;
  checkRelations(input, { settings, given, invalid, problems });
  if (problems.length > 0) throw settingsError(problems);
  for (const message of ignored(settings, explicit)) input.warn?.(message);
  return settings;
}

function fallbackText(name: SettingName, command: CommandName) {
  return fallbackOf(SETTINGS[name], command);
}

function merge(input: SettingsInput, problems: SettingsProblem[]): Source {
  const flags = fromFlags(input.flags);
  const environment = fromEnvironment(input.env, problems);
  const path = (flags.get('config') ?? environment.get('config'))?.text;
  const file: Source =
    path === undefined ? new Map() : fromFile(path, input.readFile, problems);
  return new Map([...file, ...environment, ...flags]);
}

function baseOf(
  { base, readFile }: SettingsInput,
  problems: SettingsProblem[],
) {
  return base === undefined ? [] : fromFile(base, readFile, problems);
}

/** More workers than leaves of a step would have nothing to do. */
function resolveWorkers(
  { workers, microBatches }: Record<string, unknown>,
  cores: number,
): unknown {
  if (workers !== 'auto') return workers;
  return typeof microBatches === 'number'
    ? Math.max(1, Math.min(cores, microBatches))
    : 1;
}

function checkRelations(
  { command }: SettingsInput,
  of: {
    settings: Settings;
    given: Source;
    invalid: ReadonlySet<SettingName>;
    problems: SettingsProblem[];
  },
): void {
  for (const relation of RELATIONS) {
    const [first] = relation.names;
    const commands: readonly CommandName[] = SETTINGS[first].commands;
    if (!commands.includes(command)) continue;
    if (relation.names.some((name) => of.invalid.has(name))) continue;
    const expected = relation.violation(of.settings);
    if (expected === undefined) continue;
    const from = of.given.get(first)?.from;
    of.problems.push(relationProblem(relation, expected, of.settings, from));
  }
}

function* ignored(settings: Settings, given: Source): Generator<string> {
  for (const [name, { commands }] of SETTING_ENTRIES) {
    const source: Given | undefined = given.get(name);
    if (source === undefined || !commands.includes(settings.command)) continue;
    const missing = missingFor(name, settings);
    if (missing === undefined) continue;
    const [other, ...values] = missing;
    yield `${flagOf(name)} (from ${source.from}) has no effect without ${flagOf(other)} ${values.join(' or ')}`;
  }
}

/** Whether a setting has an effect beside the others. */
export function isUsed(name: SettingName, settings: Settings): boolean {
  return missingFor(name, settings) === undefined;
}

/** What a setting depends on, be it by way of others, and does not have. */
function missingFor(
  name: SettingName,
  settings: Settings,
): UsedWith | undefined {
  const usedWith = usedWithOf(name);
  if (usedWith === undefined) return undefined;
  const [other, ...values] = usedWith;
  return values.includes(textOf(settings[other]))
    ? missingFor(other, settings)
    : usedWith;
}

type UsedWith = [other: SettingName, ...values: string[]];

function usedWithOf(name: SettingName): UsedWith | undefined {
  const entry = SETTING_ENTRIES.find(([known]) => known === name);
  return entry?.[1].usedWith as UsedWith | undefined;
}
