/** What the dashboards ask: PromQL, about metrics that there are. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RECORDED } from '@muster/grafana';
import {
  PROCESS_METRICS,
  SERVER_METRICS,
  WORKER_METRICS,
  createRegistry,
} from '@muster/telemetry';
import type { MetricDefinition } from '@muster/telemetry';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import {
  markExpressions,
  panelExpressions,
} from '../monitoring/panel-expressions.js';

const all = [...panelExpressions(), ...markExpressions()];

/** Names as `/metrics` has them: a histogram's three. */
const CATALOGUE = [SERVER_METRICS, WORKER_METRICS, PROCESS_METRICS]
  .flatMap((group) => Object.values<MetricDefinition>(group))
  .flatMap(({ name, type }) =>
    type === 'histogram'
      ? ['bucket', 'sum', 'count'].map((part) => `${name}_${part}`)
      : [name],
  );

/** What is asked for: whatever stands before `{`. */
function metricsOf(expr: string): string[] {
  return [...expr.matchAll(/([A-Za-z_:][\w:]*)\{/g)].map(
    ([, name = '']) => name,
  );
}

describe('what the dashboards ask', () => {
  it('is about metrics of the catalogue, of Node, or recorded', async () => {
    const registry = createRegistry();
    const ofNode = (await registry.metrics()).matchAll(/^# TYPE (\S+)/gm);
    const known = new Set([
      ...CATALOGUE,
      ...[...ofNode].map(([, name = '']) => name),
      ...Object.values(RECORDED).map(({ name }) => name),
      ...['up', 'ALERTS'],
    ]);
    for (const { panel, expr } of all) {
      const asked = metricsOf(expr);
      expect(asked, panel).not.toHaveLength(0);
      for (const name of asked) expect(known, panel).toContain(name);
    }
  });

  it('shows every metric of the catalogue, but for infos', () => {
    const asked = new Set(all.flatMap(({ expr }) => metricsOf(expr)));
    const stem = (name: string) => name.replace(/_(bucket|sum|count)$/, '');
    const stems = new Set([...asked].map(stem));
    const unseen = [...new Set(CATALOGUE.map(stem))].filter(
      (name) => !stems.has(name) && !name.endsWith('_info'),
    );
    // what the recording rules make of them is shown
    const byRules = [
      'muster_examples_total',
      'muster_straggler_ratio',
      'muster_worker_images_total',
    ];
    expect(unseen.filter((name) => !byRules.includes(name))).toEqual([]);
  });

  it('asks of each series only the runs that are chosen', () => {
    for (const { expr } of all) {
      const selectors = expr.match(/[A-Za-z_:][\w:]*\{[^}]*\}/g) ?? [];
      for (const selector of selectors) {
        expect(selector).toContain('run_id=~"$run"');
      }
    }
  });

  it('is PromQL, as promtool reads it', (context) => {
    const folder = mkdtempSync(join(tmpdir(), 'muster-panels-'));
    try {
      const file = join(folder, 'panels.yml');
      const rules = all.map(({ expression: expr }, i) => ({
        record: `panel:expression_${i}`,
        expr,
      }));
      writeFileSync(file, stringify({ groups: [{ name: 'panels', rules }] }));
      const check = spawnSync('promtool', ['check', 'rules', file]);
      if (check.error !== undefined) {
        context.skip('promtool not found: apt-get install prometheus');
      }
      expect(check.stderr.toString()).toBe('');
      expect(check.stdout.toString()).toContain(`${all.length} rules found`);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
