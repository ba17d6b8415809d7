/**
 * What one setting of the table is, and the commands that take settings.
 */
import type { ValueKind } from './value-kinds.js';

/** The commands that take settings. */
export const COMMANDS = [
  'train',
  'server',
  'worker',
  'create',
  'evaluate',
  'report',
  'compare',
  'dashboard',
  'predict',
  'export',
  'replay',
  'runs',
  'logs',
  'explore',
  'doctor',
] as const;
/** One of {@link COMMANDS}. */
export type CommandName = (typeof COMMANDS)[number];

/** One setting. Its key in the table gives its names. */
export interface Setting {
  readonly kind: ValueKind;
  /** Stands for the value in help texts; without one the flag is a switch. */
  readonly placeholder?: string;
  /** As text; without one the setting is not set. */
  readonly fallback?: string;
  /** Other defaults of some commands. */
  readonly fallbackOf?: Readonly<Partial<Record<CommandName, string>>>;
  /** One sentence, with the unit. */
  readonly help: string;
  readonly group: 'Training' | 'Cluster' | 'Files and output';
  readonly commands: readonly CommandName[];
  /** It only has an effect where that setting has one of these values. */
  readonly usedWith?: readonly [name: string, ...values: string[]];
  /** Whether `config.yaml` of a run leaves it out: it is about one call. */
  readonly isUnrecorded?: boolean;
}

/** The commands that can begin a run. */
export const BEGINNING = ['train', 'server', 'create'] as const;
/** The commands that serve a run. */
export const RUNNING = ['train', 'server'] as const;
/** The commands that start processes of a run. */
export const PROCESSES = ['train', 'server', 'worker'] as const;
