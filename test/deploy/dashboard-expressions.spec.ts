/** What the dashboards ask: PromQL, about metrics that there are. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  PROCESS_METRICS,
  SERVER_METRICS,
  WORKER_METRICS,
  createRegistry,
} from '@muster/telemetry';
import type { MetricDefinition } from '@muster/telemetry';
import { describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import {
  markExpressions,
  panelExpressions,
} from '../monitoring/panel-expressions.js';
import { NO_PROMTOOL, PROMTOOL } from './promtool.js';
import { skipWithout } from './skip-without.js';

const all = [...panelExpressions(), ...markExpressions()];

/** Names as `/metrics` has them: a histogram's three. */
const CATALOGUE = [SERVER_METRICS, WORKER_METRICS, PROCESS_METRICS]
  .flatMap((group) => Object.values<MetricDefinition>(group))
  .flatMap(({ name, type }) =>
    type === 'histogram'
      ? ['bucket', 'sum', 'count'].map((part) => `${name}_${part}`)
      : [name],
  );

/** Of `deploy/prometheus/rules/recording.yml`. */
const RECORDED = recordingRules();

/** What is asked for: whatever stands before `{`. */
function metricsOf(expr: string): string[] {
  return [...expr.matchAll(/([A-Za-z_:][\w:]*)\{/g)].map(
    ([, name = '']) => name,
  );
}

function recordingRules(): { record: string; expr: string }[] {
  const url = new URL(
    '../../deploy/prometheus/rules/recording.yml',
    import.meta.url,
  );
  const { groups } = parse(readFileSync(url, 'utf8')) as {
    groups: { rules: { record: string; expr: string }[] }[];
  };
  return groups.flatMap(({ rules }) => rules);
}

describe('what the dashboards ask', () => {
  it('is about metrics of the catalogue, of Node, or recorded', async () => {
    const registry = createRegistry();
    const ofNode = (await registry.metrics()).matchAll(/^# TYPE (\S+)/gm);
    const known = new Set([
      ...CATALOGUE,
      ...[...ofNode].map(([, name = '']) => name),
      ...RECORDED.map(({ record }) => record),
      ...['up', 'ALERTS'],
    ]);
    for (const { panel, expr } of all) {
      const asked = metricsOf(expr);
      expect(asked, panel).not.toHaveLength(0);
      for (const name of asked) expect(known, panel).toContain(name);
    }
  });

  it('shows every metric of the catalogue, itself or by a rule', () => {
    const asked = new Set(all.flatMap(({ expr }) => metricsOf(expr)));
    const stem = (name: string) => name.replace(/_(bucket|sum|count)$/, '');
    const stems = new Set([...asked].map(stem));
    const byRules = RECORDED.filter(({ record }) => asked.has(record))
      .map(({ expr }) => expr)
      .join(' ');
    const unseen = [...new Set(CATALOGUE.map(stem))].filter(
      (name) =>
        !stems.has(name) &&
        !name.endsWith('_info') &&
        !new RegExp(`\\b${name}\\b`).test(byRules),
    );
    expect(unseen).toEqual([]);
  });

  it('asks of each series only the runs that are chosen', () => {
    for (const { expr } of all) {
      const selectors = expr.match(/[A-Za-z_:][\w:]*\{[^}]*\}/g) ?? [];
      for (const selector of selectors) {
        expect(selector).toContain('run_id=~"$run"');
      }
    }
  });

  it('is PromQL, as promtool reads it', (test) => {
    const folder = mkdtempSync(join(tmpdir(), 'muster-panels-'));
    try {
      const file = join(folder, 'panels.yml');
      const rules = all.map(({ expression: expr }, i) => ({
        record: `panel:expression_${i}`,
        expr,
      }));
      writeFileSync(file, stringify({ groups: [{ name: 'panels', rules }] }));
      const check = spawnSync(PROMTOOL, ['check', 'rules', file]);
      const isMissing = check.error !== undefined;
      skipWithout(test, isMissing ? NO_PROMTOOL : undefined);
      expect(check.stderr.toString()).toBe('');
      expect(check.stdout.toString()).toContain(`${all.length} rules found`);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
