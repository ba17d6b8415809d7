/**
 * Everything that a run's folder tells of the run, read once. What is missing
 * or damaged is left out and told.
 */
import { readFile, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunDefinition } from '@muster/protocol';
import type { RunFolder } from '../run/run-folder.js';
import type { Summary } from '../run/summary.js';
import { fromFile } from '../settings/config-file.js';
import type { Source } from '../settings/sources.js';
import { readLogs } from './log-lines.js';
import type { LogLine } from './log-lines.js';
import { parseMetrics } from './metrics-lines.js';
import type { MetricsLines } from './metrics-lines.js';

/** What is known of a run. */
export interface RunRecord {
  /** Absolute. */
  readonly path: string;
  readonly definition: RunDefinition;
  /** What the run came to, if it has come to an end. */
  readonly summary: Summary | undefined;
  /** `config.yaml`; empty where a program made the run. */
  readonly config: Source;
  readonly metrics: MetricsLines;
  /** In the order of time. */
  readonly logs: readonly LogLine[];
  readonly checkpoints: readonly CheckpointFile[];
  /** What could not be read, a sentence each. */
  readonly problems: readonly string[];
}

/** One checkpoint that lies on the disk. */
export interface CheckpointFile {
  /** Its folder, from the run's. */
  readonly name: string;
  readonly bytes: number;
}

/**
 * Reads a run's folder.
 * @throws MusterError `ERR_RUN_NOT_FOUND` without a usable `run.json`.
 */
export async function readRunRecord(folder: RunFolder): Promise<RunRecord> {
  const { path } = folder;
  const definition = await folder.readDefinition();
  const text = await textOf(join(path, 'metrics.jsonl'));
  const metrics = parseMetrics(text ?? '');
  const logs = await readLogs(folder.logs);
  const config = await readConfig(folder);
  return {
    ...{ path, definition, metrics },
    summary: await folder.readSummary(),
    config: config.source,
    logs: logs.lines,
    checkpoints: await checkpointsIn(folder.checkpoints, 'checkpoints'),
    problems: [
      ...(text === undefined
        ? ['metrics.jsonl is not there: no curves can be drawn.']
        : damageText(metrics.damaged)),
      ...(logs.numDamaged === 0
        ? []
        : [
            `${logs.numDamaged} lines of the logs were cut off, as a SIGKILL does.`,
          ]),
      ...config.problems,
    ],
  };
}

function damageText(damaged: readonly number[]): string[] {
  if (damaged.length === 0) return [];
  const shown = damaged.slice(0, 10).join(', ');
  const more = damaged.length > 10 ? ', …' : '';
  return [
    `metrics.jsonl: passed over ${damaged.length} damaged lines (${shown}${more}).`,
  ];
}

async function readConfig(folder: RunFolder) {
  const text = await textOf(folder.config);
  if (text === undefined) return { source: new Map() as Source, problems: [] };
  const problems: Parameters<typeof fromFile>[2] = [];
  const source = fromFile(folder.config, () => text, problems);
  const names = problems.map(({ name }) => name).join(', ');
  return {
    source,
    problems: names === '' ? [] : [`config.yaml: passed over ${names}.`],
  };
}

function textOf(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch(() => undefined);
}

/** Each `step-…` folder, also in folders of shards. */
async function checkpointsIn(
  folder: string,
  name: string,
): Promise<CheckpointFile[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(
    () => [],
  );
  const found = await Promise.all(
    entries
      .filter((entry) => entry.isDirectory())
      .map(async (entry): Promise<CheckpointFile[]> => {
        const path = join(folder, entry.name);
        const inside = join(name, entry.name);
        if (!entry.name.startsWith('step-')) return checkpointsIn(path, inside);
        return [{ name: inside, bytes: await bytesIn(path) }];
      }),
  );
  return found.flat().sort((a, b) => (a.name < b.name ? -1 : 1));
}

async function bytesIn(folder: string): Promise<number> {
  const names = await readdir(folder).catch(() => []);
  const sizes = await Promise.all(
    names.map(async (name) => (await stat(join(folder, name))).size),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}
