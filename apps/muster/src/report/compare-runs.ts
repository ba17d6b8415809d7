/**
 * Runs beside each other: their figures, the settings in which they differ,
 * and which of them came to the same bits. Pure.
 */
import {
  formatCount,
  formatDuration,
  formatLoss,
  formatPercent,
} from '../view/figures.js';
import { fileKeyOf } from '../settings/names.js';
import { recoveriesOf } from './recoveries.js';
import type { RunRecord } from './run-record.js';
import { stateOf } from './run-state.js';

/** A row: a text a run, in their order. */
export interface ComparedRow {
  readonly name: string;
  readonly values: readonly string[];
  /** Whether not all are the same. */
  readonly differs: boolean;
}

/** What a comparison tells. */
export interface Comparison {
  /** What the runs are called here, each once. */
  readonly names: readonly string[];
  readonly figures: readonly ComparedRow[];
  /** All that was set, the rows that differ first. */
  readonly settings: readonly ComparedRow[];
  /** Names of runs with one SHA-256, where there are at least two. */
  readonly sameBits: readonly { sha256: string; names: readonly string[] }[];
}

/** Settings of one call or machine, which say nothing about a training. */
const PASSED_OVER = new Set(['out', 'tokenFile', 'listen', 'metricsListen']);

/** Compares runs. */
export function compareRuns(records: readonly RunRecord[]): Comparison {
  const names = namesOf(records);
  const figures = records.map(figuresOf);
  const settings = rowsOf(records.map(settingsOf));
  return {
    names,
    figures: rowsOf(figures),
    settings: [
      ...settings.filter(({ differs }) => differs),
      ...settings.filter(({ differs }) => !differs),
    ],
    sameBits: sameBitsOf(records, names),
  };
}

/** A run's name, with a number where there are more of that name. */
function namesOf(records: readonly RunRecord[]): string[] {
  const ids = records.map(({ definition }) => definition.runId);
  return ids.map((id, i) => {
    const before = ids.slice(0, i).filter((one) => one === id).length;
    return before === 0 ? id : `${id} (${before + 1})`;
  });
}

function figuresOf(record: RunRecord): Record<string, string> {
  const { metrics, summary, logs } = record;
  const state = stateOf(record);
  const last = metrics.epochs.at(-1);
  const best = Math.max(...metrics.epochs.map((one) => one.testAccuracy));
  const seconds = summary?.trainSeconds ?? (last && last.trainMs / 1000);
  const rate = summary?.imagesPerSecond;
  return {
    state: state.word,
    steps: formatCount(state.steps),
    epochs: formatCount(metrics.epochs.length),
    'test accuracy': last === undefined ? '' : formatPercent(last.testAccuracy),
    'best test accuracy': last === undefined ? '' : formatPercent(best),
    'test loss': last === undefined ? '' : formatLoss(last.testLoss),
    'training loss': last === undefined ? '' : formatLoss(last.trainLoss),
    'training time': seconds === undefined ? '' : formatDuration(seconds),
    'images a second': rate === undefined ? '' : formatCount(rate),
    'processes lost': formatCount(recoveriesOf(logs, metrics).length),
    'SHA-256': summary?.parametersSha256.slice(0, 16) ?? '',
  };
}

function settingsOf(record: RunRecord): Record<string, string> {
  const { definition, summary, config } = record;
  const { dataset, model, consistency, optimizer, schedule } = definition;
  const known = [...config].filter(([name]) => !PASSED_OVER.has(name));
  return {
    ...{ data: dataset.name, 'data SHA-256': dataset.fingerprint.slice(0, 16) },
    network: `${formatCount(model.numParameters)} parameters, ${model.fingerprint.slice(0, 12)}`,
    ...{ epochs: String(definition.epochs), seed: String(definition.seed) },
    'global batch': String(definition.globalBatchSize),
    'micro-batches': String(definition.microBatches),
    ...flat('consistency', consistency),
    ...flat('optimizer', optimizer),
    ...flat('schedule', schedule),
    wire: definition.wire,
    workers: String(summary?.workers ?? config.get('workers')?.text ?? ''),
    servers: String(summary?.servers ?? config.get('servers')?.text ?? ''),
    backend: summary?.backend ?? config.get('backend')?.text ?? '',
    numerics: summary?.numerics?.slice(0, 12) ?? '',
    ...Object.fromEntries(
      known
        .filter(([name]) => !DEFINED.has(name))
        .map(([name, { text }]) => [spoken(name), text]),
    ),
  };
}

/** Settings that stand above by what the run's definition says of them. */
const DEFINED = new Set([
  ...['epochs', 'globalBatch', 'microBatches', 'optimizer', 'learningRate'],
  ...['schedule', 'warmup', 'momentum', 'beta1', 'beta2', 'epsilon', 'wire'],
  ...['seed', 'backend', 'consistency', 'staleness', 'maxStaleness'],
  ...['stalenessScaling', 'localSteps', 'outerOptimizer', 'workers'],
  ...['outerLearningRate', 'outerMomentum', 'servers', 'data'],
]);

/** `lease ms` for `leaseMs`. */
function spoken(name: string): string {
  return fileKeyOf(name).replaceAll('-', ' ');
}

function flat(name: string, value: object): Record<string, string> {
  const entries = Object.entries(value).flatMap(([key, inner]) => {
    const path = key === 'name' ? name : `${name} ${spoken(key)}`;
    return typeof inner === 'object' && inner !== null
      ? Object.entries(flat(path, inner as object))
      : [[path, String(inner)] as const];
  });
  return Object.fromEntries(entries);
}

function rowsOf(columns: readonly Record<string, string>[]): ComparedRow[] {
  const names = new Set(columns.flatMap((column) => Object.keys(column)));
  return [...names].map((name) => {
    const values = columns.map((column) => column[name] ?? '');
    return { name, values, differs: new Set(values).size > 1 };
  });
}

function sameBitsOf(records: readonly RunRecord[], names: readonly string[]) {
  const byHash = new Map<string, string[]>();
  records.forEach(({ summary }, i) => {
    if (summary === undefined) return;
    const { parametersSha256: hash } = summary;
    byHash.set(hash, [...(byHash.get(hash) ?? []), names[i] ?? '']);
  });
  return [...byHash]
    .filter(([, same]) => same.length > 1)
    .map(([sha256, same]) => ({ sha256, names: same }));
}
