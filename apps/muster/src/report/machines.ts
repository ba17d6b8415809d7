/**
 * On what a run was computed: its processes by machine and backend, from their
 * logs. Pure.
 */
import { numberIn } from './json-lines.js';
import { fieldOf, kindOf } from './log-lines.js';
import type { LogLine } from './log-lines.js';

/** Processes that are alike. */
export interface Machine {
  readonly processes: readonly string[];
  readonly host: string;
  readonly processor: string;
  /** NaN where it is not known, as below. */
  readonly cores: number;
  readonly memoryBytes: number;
  readonly system: string;
  readonly node: string;
  /** `tensorflow 2.12.1, 1 thread`; empty for servers. */
  readonly backend: string;
  /** The numerics fingerprint, or empty. */
  readonly numerics: string;
}

/** Finds them, servers first. */
export function machinesOf(lines: readonly LogLine[]): Machine[] {
  const names = [...new Set(lines.map(({ process }) => process))].filter(
    (name) => kindOf(name) !== 'launcher',
  );
  const byPlace = new Map<string, Machine>();
  for (const name of names.sort(serversFirst)) {
    const found = machineOf(
      name,
      lines.filter(({ process }) => process === name),
    );
    if (found === undefined) continue;
    const key = JSON.stringify({ ...found, processes: [] });
    const processes = [...(byPlace.get(key)?.processes ?? []), name];
    byPlace.set(key, { ...found, processes });
  }
  return [...byPlace.values()];
}

/** By its last life. */
function machineOf(name: string, own: readonly LogLine[]): Machine | undefined {
  const start = own.findLast(({ event }) => event === 'process-started');
  if (start === undefined) return undefined;
  const backend = own.findLast(({ event }) => event === 'backend');
  return {
    processes: [name],
    host: fieldOf(start, 'host'),
    processor: fieldOf(start, 'processor'),
    cores: numberIn(start.fields, 'cores'),
    memoryBytes: numberIn(start.fields, 'memoryBytes'),
    system: fieldOf(start, 'system'),
    node: fieldOf(start, 'node'),
    backend: backend === undefined ? '' : backendText(backend),
    numerics: backend === undefined ? '' : fieldOf(backend, 'numerics'),
  };
}

function backendText(line: LogLine): string {
  const threads = numberIn(line.fields, 'threads');
  const unit = threads === 1 ? 'thread' : 'threads';
  return `${fieldOf(line, 'backend')} ${fieldOf(line, 'libraryVersion')}, ${threads} ${unit}`;
}

function serversFirst(a: string, b: string): number {
  const rank = (name: string) => Number(kindOf(name) !== 'server');
  return rank(a) - rank(b) || a.localeCompare(b, 'en', { numeric: true });
}
