/**
 * What both kinds of process say of themselves: the program and its run, as
 * labels of metrics that are always 1.
 */
import type { Registry } from 'prom-client';
import { PROCESS_METRICS } from './catalogue.js';
import { createGauge } from './metric-definition.js';

/** Which program this is. */
export interface BuildInfo {
  readonly version: string;
  readonly protocol: number;
}

/** Which run a process works on. */
export interface RunInfo {
  readonly runId: string;
  readonly consistency: string;
  readonly optimizer: string;
  readonly seed: number;
}

/** Registers the two and gives their setters; a newer run replaces the older. */
export function infoMetrics(registry: Registry) {
  const build = createGauge(registry, PROCESS_METRICS.buildInfo);
  const run = createGauge(registry, PROCESS_METRICS.runInfo);
  return {
    setBuild({ version, protocol }: BuildInfo): void {
      const node = process.version;
      build.set({ version, protocol: String(protocol), node }, 1);
    },
    setRun({ runId, consistency, optimizer, seed }: RunInfo): void {
      run.reset();
      run.set({ run_id: runId, consistency, optimizer, seed: String(seed) }, 1);
    },
  };
}
