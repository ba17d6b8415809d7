/** For specs: what a registry shows, and what it should. */
import { spawnSync } from 'node:child_process';
import { expect } from 'vitest';
import type { TestContext } from 'vitest';
import { createRegistry } from './registry.js';
import type { Registry } from './registry.js';

/** One call of an update method, and the samples that it must change. */
export type Update<M> = [keyof M, (metrics: M) => void, string[]];

/** A run, as processes are told of it. */
export const RUN = {
  ...{ runId: 'r1', consistency: 'sync', optimizer: 'adam', seed: 7 },
};

/** The sample of {@link RUN}. */
export const RUN_SAMPLE =
  'muster_run_info{run_id="r1",consistency="sync",optimizer="adam",seed="7"} 1';

/** Bytes each way, and their samples after a prefix. */
export const TRAFFIC = { sent: 8, received: 9, sentRaw: 16, receivedRaw: 18 };

/** The samples of {@link TRAFFIC}. */
export function trafficSamples(prefix: string): string[] {
  return [
    `${prefix}_sent_bytes_total 8`,
    `${prefix}_received_bytes_total 9`,
    `${prefix}_sent_raw_bytes_total 16`,
    `${prefix}_received_raw_bytes_total 18`,
  ];
}

/** Our samples that are not 0, but for the buckets. */
export async function samples(registry: Registry): Promise<string[]> {
  const lines = (await registry.metrics()).split('\n');
  return lines.filter((line) => /^muster(?!.*_bucket\{).* (?!0$)/.test(line));
}

/** Calls one update method of new metrics, and holds what has changed. */
export async function expectChange<M>(
  create: (registry: Registry) => M,
  [, update, expected]: Update<M>,
): Promise<void> {
  const registry = createRegistry();
  update(create(registry));
  expect((await samples(registry)).sort()).toEqual([...expected].sort());
}

/** The names of our metrics that are registered. */
export function registeredNames(create: (registry: Registry) => unknown) {
  const registry = createRegistry();
  create(registry);
  const names = registry.getMetricsAsArray().map(({ name }) => name);
  return names.filter((name) => name.startsWith('muster_')).sort();
}

/** The names in tables of the catalogue. */
export function namesOf(
  ...tables: Record<string, { readonly name: string }>[]
): string[] {
  const all = tables.flatMap((table) => Object.values(table));
  return all.map(({ name }) => name).sort();
}

/**
 * Has `promtool check metrics` say what it has to say: nothing. Without it the
 * test is skipped, or fails where `REQUIRE_ENGINES=1` wants nothing skipped.
 */
export async function expectNoFault(
  registry: Registry,
  test: TestContext,
): Promise<void> {
  const input = await registry.metrics();
  const program = process.env['PROMTOOL'] ?? 'promtool';
  const check = spawnSync(program, ['check', 'metrics'], { input });
  if (check.error !== undefined) {
    const reason = `${program} not found: apt-get install prometheus, or set PROMTOOL`;
    if (process.env['REQUIRE_ENGINES'] === '1') throw new Error(reason);
    test.skip(reason);
  }
  expect(String(check.stdout) + String(check.stderr)).toBe('');
  expect(check.status).toBe(0);
}
