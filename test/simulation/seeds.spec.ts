/**
 * Thousands of clusters on bad days: none may break a promise. A failing one
 * is cut down, and printed with the command that runs it again.
 */
import { describe, expect, it } from 'vitest';
import { scenarioOf } from './scenario.js';
import type { Mode } from './scenario.js';
import { replayCommand, shrink } from './shrink.js';
import { SimulatedCluster } from './simulated-cluster.js';

/** Clusters in one test. */
const CHUNK = 100;

function problemOf(seed: number, mode: Mode): string | undefined {
  const scenario = scenarioOf(seed, mode);
  const { violation } = new SimulatedCluster(scenario).run();
  if (violation === undefined) return undefined;
  return `seed ${seed}: ${violation}\n${replayCommand(shrink(scenario))}`;
}

function chunksOf(mode: Mode, numSeeds: number) {
  return Array.from({ length: numSeeds / CHUNK }, (_, i) => ({
    mode,
    from: i * CHUNK,
  }));
}

describe('a simulated cluster', () => {
  it.each([
    ...chunksOf('sync', 1000),
    ...chunksOf('local', 300),
    ...chunksOf('bounded', 400),
    ...chunksOf('async', 400),
  ])('keeps every promise in mode $mode, 100 seeds from $from', (chunk) => {
    for (let seed = chunk.from; seed < chunk.from + CHUNK; seed++) {
      expect(problemOf(seed, chunk.mode)).toBeUndefined();
    }
  });
});
